package dev.gantry.image.archive;

import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.engine.EngineErrorMapper;
import dev.gantry.image.manifest.Platform;
import dev.gantry.image.progress.ProgressLine;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jboss.resteasy.reactive.RestQuery;

/**
 * {@code POST /images/load}. Progress is answered while the archive is still being read. A failure before the first line
 * has a status, one after it is a line.
 */
@Path("/images/load")
public class LoadResource {

    private final LoadImages images;

    LoadResource(LoadImages images) {
        this.images = images;
    }

    /** @param quiet as dockerd: without a word about layers, unless told otherwise */
    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public StreamingOutput load(@RestQuery String quiet, @RestQuery String platform, InputStream archive) {
        Platform wanted = Platform.parseJson(platform);
        boolean silent = QueryValue.flag(quiet, true);
        return out -> {
            Lines lines = new Lines(out);
            try {
                images.load(archive, wanted, silent, lines);
            } catch (RuntimeException e) {
                if (!lines.begun) {
                    throw e;
                }
                lines.accept(ProgressLine.failure(EngineErrorMapper.known(e).getMessage()));
            }
        };
    }

    /** Each line goes out at once. */
    private static final class Lines implements Consumer<ProgressLine> {
        private final OutputStream out;
        private boolean begun;

        Lines(OutputStream out) {
            this.out = out;
        }

        @Override
        public void accept(ProgressLine line) {
            try {
                begun = true;
                out.write(line.encoded().getBytes(StandardCharsets.UTF_8));
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException("the client has gone", e);
            }
        }
    }
}
