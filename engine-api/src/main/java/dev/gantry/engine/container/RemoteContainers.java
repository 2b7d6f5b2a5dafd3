package dev.gantry.engine.container;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.remote.ServiceClient;
import io.quarkus.arc.DefaultBean;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@link Containers} of a container-service in another process. */
@DefaultBean
@ApplicationScoped
public class RemoteContainers implements Containers {
    private static final String PATH = "/internal/container-service/containers";

    private final ServiceClient service;

    public RemoteContainers(
            Vertx vertx,
            ObjectMapper json,
            @ConfigProperty(name = "gantry.container-service.url") Optional<String> url) {
        this.service = new ServiceClient(vertx, json, "container-service", url.orElseThrow());
    }

    @Override
    public Uni<ContainerResults.Created> create(Creation wish) {
        return service.post(PATH, wish, new TypeReference<>() {});
    }

    @Override
    public Uni<Void> start(String reference) {
        return service.post(path(reference) + "/start", null, new TypeReference<>() {});
    }

    @Override
    public Uni<Void> stop(String reference, Stop how) {
        return service.post(path(reference) + "/stop", how, new TypeReference<>() {});
    }

    @Override
    public Uni<Void> remove(String reference, Removal how) {
        return service.post(path(reference) + "/remove", how, new TypeReference<>() {});
    }

    @Override
    public Uni<Void> connect(String reference, Connection how) {
        return service.post(path(reference) + "/connect", how, new TypeReference<>() {});
    }

    @Override
    public Uni<Void> disconnect(String reference, Departure how) {
        return service.post(path(reference) + "/disconnect", how, new TypeReference<>() {});
    }

    @Override
    public Uni<Long> await(String reference, Condition condition) {
        return service.post(path(reference) + "/wait", condition, new TypeReference<>() {});
    }

    private static String path(String reference) {
        return PATH + "/" + ServiceClient.segment(reference);
    }

    @Override
    public Uni<List<ContainerUse>> usingImage(String imageId) {
        return service.get(PATH + "/using-image", Map.of("id", imageId), new TypeReference<>() {});
    }

    @Override
    public Uni<List<Standing>> standing(List<String> ids) {
        return service.post(PATH + "/standing", ids, new TypeReference<>() {});
    }

    @Override
    public Uni<Map<String, Long>> load() {
        return service.get(PATH + "/load", Map.of(), new TypeReference<>() {});
    }

    @Override
    public Uni<Counts> counts() {
        return service.get(PATH + "/counts", Map.of(), new TypeReference<>() {});
    }
}
