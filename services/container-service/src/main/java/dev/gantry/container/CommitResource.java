package dev.gantry.container;

import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.RestQuery;

/** {@code POST /commit}, which Gantry does not have yet. */
@Path("/commit")
@Consumes(MediaType.WILDCARD)
public class CommitResource {
    private final MissingOperation missing;

    CommitResource(MissingOperation missing) {
        this.missing = missing;
    }

    @POST
    public Uni<Void> commit(@RestQuery String container) {
        if (container == null || container.isEmpty()) {
            throw new EngineError.BadParameter("invalid name or ID supplied: \"\"");
        }
        return missing.from(container, "making an image of a container");
    }
}
