package dev.gantry.gateway.system;

import dev.gantry.engine.EngineError;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** Docker's managed plugins. None can be installed, so the list is empty and no name is known. */
@Path("/plugins")
@Produces(MediaType.APPLICATION_JSON)
public class PluginsResource {
    @GET
    public List<Object> list() {
        return List.of();
    }

    @GET
    @Path("{name:.+}/json")
    public void inspect(String name) {
        throw notFound(name);
    }

    @DELETE
    @Path("{name:.+}")
    public void remove(String name) {
        throw notFound(name);
    }

    @POST
    @Path("{name:.+}/{verb:enable|disable|upgrade|push|set}")
    public void change(String name, String verb) {
        throw notFound(name);
    }

    private static EngineError notFound(String name) {
        return new EngineError.NotFound("plugin \"" + name + "\" not found");
    }
}
