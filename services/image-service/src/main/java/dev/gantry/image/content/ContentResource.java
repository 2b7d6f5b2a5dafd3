package dev.gantry.image.content;

import dev.gantry.agent.api.Digest;
import dev.gantry.engine.EngineError;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.PathPart;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;

/** Blobs for agents: whole, or one range of bytes so that a cut transfer can go on. Sent by the kernel from the file. */
@Path("/internal/image-service/content/{digest}")
@Produces(MediaType.APPLICATION_OCTET_STREAM)
@RunOnVirtualThread
public class ContentResource {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-(\\d{0,18})");

    private final ContentStore store;

    ContentResource(ContentStore store) {
        this.store = store;
    }

    @HEAD
    public Response head(@RestPath String digest) throws IOException {
        return Response.ok().header("Content-Length", size(digest)).build();
    }

    @GET
    public Response get(@RestPath String digest, @RestHeader("Range") String range) throws IOException {
        long size = size(digest);
        Matcher asked = RANGE.matcher(range == null ? "" : range);
        if (!asked.matches()) {
            return Response.ok(new PathPart(store.path(digest), 0, size)).build();
        }
        long first = Long.parseLong(asked.group(1));
        long last = asked.group(2).isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(asked.group(2)));
        if (first > last) {
            return Response.status(416)
                    .header("Content-Range", "bytes */" + size)
                    .build();
        }
        return Response.status(206)
                .header("Content-Range", "bytes " + first + "-" + last + "/" + size)
                .entity(new PathPart(store.path(digest), first, last - first + 1))
                .build();
    }

    private long size(String digest) throws IOException {
        if (!Digest.isValid(digest) || !store.exists(digest)) {
            throw new EngineError.NotFound("no such content: " + digest);
        }
        return Files.size(store.path(digest));
    }
}
