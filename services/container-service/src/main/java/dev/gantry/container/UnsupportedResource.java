package dev.gantry.container;

import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** Parts of the API's {@code Container} section that Gantry does not have yet. */
@Path("/containers/{id}")
@Consumes(MediaType.WILDCARD)
public class UnsupportedResource {
    private final MissingOperation missing;

    UnsupportedResource(MissingOperation missing) {
        this.missing = missing;
    }

    @GET
    @Path("changes")
    public Uni<Void> changes(@RestPath String id) {
        return missing.from(id, "the changes in a container's filesystem");
    }

    @GET
    @Path("export")
    public Uni<Void> export(@RestPath String id) {
        return missing.from(id, "exporting a container's filesystem");
    }

    @GET
    @Path("attach/ws")
    public Uni<Void> attachWebSocket(@RestPath String id) {
        return missing.from(id, "attaching by WebSocket");
    }

    @GET
    @Path("archive")
    public Uni<Void> archive(@RestPath String id, @RestQuery String path) {
        return copying(id, path, "copying files from a container");
    }

    @HEAD
    @Path("archive")
    public Uni<Void> archiveInfo(@RestPath String id, @RestQuery String path) {
        return copying(id, path, "looking at files in a container");
    }

    @PUT
    @Path("archive")
    public Uni<Void> extract(@RestPath String id, @RestQuery String path) {
        return copying(id, path, "copying files into a container");
    }

    /** The message is dockerd's, with its missing space. */
    private Uni<Void> copying(String id, String path, String what) {
        if (path == null || path.isEmpty()) {
            throw new EngineError.BadParameter("bad parameter: pathcannot be empty");
        }
        return missing.from(id, what);
    }
}
