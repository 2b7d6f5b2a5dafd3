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

/** {@link ContainerUsage} of a container-service in another process. */
@DefaultBean
@ApplicationScoped
public class RemoteContainerUsage implements ContainerUsage {
    private static final String PATH = "/internal/container-service/usage";

    private final ServiceClient service;

    public RemoteContainerUsage(
            Vertx vertx,
            ObjectMapper json,
            @ConfigProperty(name = "gantry.container-service.url") Optional<String> url) {
        this.service = new ServiceClient(vertx, json, "container-service", url.orElseThrow());
    }

    @Override
    public Uni<List<ContainerSummary>> containers() {
        return service.get(PATH + "/containers", Map.of(), new TypeReference<>() {});
    }

    @Override
    public Uni<List<VolumeRecords.Volume>> volumes() {
        return service.get(PATH + "/volumes", Map.of(), new TypeReference<>() {});
    }
}
