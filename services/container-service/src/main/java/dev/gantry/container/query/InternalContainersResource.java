package dev.gantry.container.query;

import dev.gantry.engine.container.Containers;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.RestQuery;

/** {@link Containers} over HTTP, for services in other processes. */
@Path("/internal/container-service/containers")
public class InternalContainersResource {
    private final ContainerQueries containers;

    InternalContainersResource(ContainerQueries containers) {
        this.containers = containers;
    }

    @GET
    @Path("using-image")
    public Uni<List<Containers.ContainerUse>> usingImage(@RestQuery String id) {
        return containers.usingImage(id);
    }

    @GET
    @Path("using-network")
    public Uni<List<Containers.ContainerUse>> usingNetwork(@RestQuery String id) {
        return containers.usingNetwork(id);
    }

    @GET
    @Path("load")
    public Uni<Map<String, Long>> load() {
        return containers.load();
    }

    @GET
    @Path("counts")
    public Uni<Containers.Counts> counts() {
        return containers.counts();
    }
}
