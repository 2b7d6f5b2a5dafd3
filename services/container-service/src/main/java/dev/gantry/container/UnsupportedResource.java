package dev.gantry.container;

import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.RestPath;

/** Parts of the API's {@code Container} section that Gantry does not have yet. */
@Path("/containers/{id}")
@Consumes(MediaType.WILDCARD)
public class UnsupportedResource {
    private final MissingOperation missing;

    UnsupportedResource(MissingOperation missing) {
        this.missing = missing;
    }

    @GET
    @Path("attach/ws")
    public Uni<Void> attachWebSocket(@RestPath String id) {
        return missing.from(id, "attaching by WebSocket");
    }
}
