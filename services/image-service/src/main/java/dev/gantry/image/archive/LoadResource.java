package dev.gantry.image.archive;

import dev.gantry.image.manifest.Platform;
import dev.gantry.image.progress.ProgressLine;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import org.jboss.resteasy.reactive.RestQuery;

/**
 * {@code POST /images/load}. The answer begins when the whole archive has been read, so that a bad one is refused with
 * a status; dockerd, too, unpacks first.
 */
@Path("/images/load")
public class LoadResource {
    private final LoadImages images;

    LoadResource(LoadImages images) {
        this.images = images;
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public String load(@RestQuery @DefaultValue("0") String quiet, @RestQuery String platform, InputStream archive) {
        StringBuilder answer = new StringBuilder();
        images.load(
                archive,
                Platform.parseJson(platform),
                quiet.equals("1") || quiet.equalsIgnoreCase("true"),
                (ProgressLine line) -> answer.append(line.encoded()));
        return answer.toString();
    }
}
