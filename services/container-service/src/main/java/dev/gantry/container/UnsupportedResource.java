package dev.gantry.container;

import dev.gantry.engine.EngineError;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestPath;

/** Parts of the API's {@code Container} section that Gantry does not have yet. */
@Path("/containers/{id}")
public class UnsupportedResource {

    @GET
    @Path("changes")
    public Void changes(@RestPath String id) {
        throw unsupported("the changes in a container's filesystem");
    }

    @GET
    @Path("export")
    public Void export(@RestPath String id) {
        throw unsupported("exporting a container's filesystem");
    }

    @GET
    @Path("stats")
    public Void stats(@RestPath String id) {
        throw unsupported("resource usage statistics");
    }

    @GET
    @Path("attach/ws")
    public Void attachWebSocket(@RestPath String id) {
        throw unsupported("attaching by WebSocket");
    }

    @GET
    @Path("archive")
    public Void archive(@RestPath String id) {
        throw unsupported("copying files from a container");
    }

    @HEAD
    @Path("archive")
    public Void archiveInfo(@RestPath String id) {
        throw unsupported("looking at files in a container");
    }

    @PUT
    @Path("archive")
    public Void extract(@RestPath String id) {
        throw unsupported("copying files into a container");
    }

    /** Hosts keep a container's specification and cannot change it yet. */
    @POST
    @Path("update")
    public Void update(@RestPath String id) {
        throw unsupported("updating a container");
    }

    private static EngineError.NotSupported unsupported(String what) {
        return new EngineError.NotSupported("not supported yet: " + what);
    }
}
