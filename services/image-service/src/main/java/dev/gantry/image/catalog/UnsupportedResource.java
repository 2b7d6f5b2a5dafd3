package dev.gantry.image.catalog;

import dev.gantry.engine.EngineError;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** What Docker has about images and Gantry has not, said clearly. */
@Path("/")
@Consumes(MediaType.WILDCARD)
public class UnsupportedResource {
    @POST
    @Path("build")
    public Response build() {
        throw unsupported("docker build");
    }

    @POST
    @Path("build/prune")
    public Response pruneBuild() {
        throw unsupported("docker builder prune");
    }

    @GET
    @Path("distribution/{name:.+}/json")
    public Response distribution() {
        throw unsupported("docker manifest");
    }

    private static EngineError unsupported(String what) {
        return new EngineError.NotSupported(what + " is not supported by Gantry");
    }
}
