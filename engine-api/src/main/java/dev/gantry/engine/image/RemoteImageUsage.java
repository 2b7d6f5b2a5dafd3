package dev.gantry.engine.image;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.remote.ServiceClient;
import dev.gantry.engine.version.ApiVersion;
import io.quarkus.arc.DefaultBean;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@link ImageUsage} of an image-service in another process. */
@DefaultBean
@ApplicationScoped
public class RemoteImageUsage implements ImageUsage {
    private final ServiceClient service;

    public RemoteImageUsage(
            Vertx vertx, ObjectMapper json, @ConfigProperty(name = "gantry.image-service.url") Optional<String> url) {
        this.service = new ServiceClient(vertx, json, "image-service", url.orElseThrow());
    }

    @Override
    public Uni<Usage> measure(ApiVersion version) {
        return service.get(
                "/internal/image-service/usage", Map.of("version", version.toString()), new TypeReference<>() {});
    }
}
