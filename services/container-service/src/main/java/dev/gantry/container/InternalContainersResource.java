package dev.gantry.container;

import dev.gantry.engine.container.ContainerResults;
import dev.gantry.engine.container.Containers;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.RestQuery;

/** {@link Containers} over HTTP, for services in other processes. */
@Path("/internal/container-service/containers")
public class InternalContainersResource {
    private final LocalContainers containers;

    InternalContainersResource(LocalContainers containers) {
        this.containers = containers;
    }

    @POST
    public Uni<ContainerResults.Created> create(Containers.Creation wish) {
        return containers.create(wish);
    }

    @POST
    @Path("{id}/start")
    public Uni<Void> start(String id) {
        return containers.start(id);
    }

    @POST
    @Path("{id}/stop")
    public Uni<Void> stop(String id, Containers.Stop how) {
        return containers.stop(id, how);
    }

    @POST
    @Path("{id}/remove")
    public Uni<Void> remove(String id, Containers.Removal how) {
        return containers.remove(id, how);
    }

    @POST
    @Path("{id}/connect")
    public Uni<Void> connect(String id, Containers.Connection how) {
        return containers.connect(id, how);
    }

    @POST
    @Path("{id}/disconnect")
    public Uni<Void> disconnect(String id, Containers.Departure how) {
        return containers.disconnect(id, how);
    }

    @POST
    @Path("{id}/wait")
    public Uni<Long> await(String id, Containers.Condition condition) {
        return containers.await(id, condition);
    }

    @GET
    @Path("using-image")
    public Uni<List<Containers.ContainerUse>> usingImage(@RestQuery String id) {
        return containers.usingImage(id);
    }

    @POST
    @Path("standing")
    public Uni<List<Containers.Standing>> standing(List<String> ids) {
        return containers.standing(ids);
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
