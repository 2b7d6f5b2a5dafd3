package dev.gantry.engine.image;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.remote.ServiceClient;
import io.quarkus.arc.DefaultBean;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@link Images} of an image-service in another process. */
@DefaultBean
@ApplicationScoped
public class RemoteImages implements Images {
    private static final String PATH = "/internal/image-service/images";

    private final ServiceClient service;

    public RemoteImages(
            Vertx vertx, ObjectMapper json, @ConfigProperty(name = "gantry.image-service.url") Optional<String> url) {
        this.service = new ServiceClient(vertx, json, "image-service", url.orElseThrow());
    }

    @Override
    public Uni<ResolvedImage> resolve(String reference, String platform) {
        return service.get(
                PATH + "/resolve",
                Map.of("reference", reference, "platform", platform == null ? "" : platform),
                new TypeReference<>() {});
    }

    @Override
    public Uni<Long> count() {
        return service.get(PATH + "/count", Map.of(), new TypeReference<>() {});
    }

    @Override
    public Uni<List<ImageReferences>> referencesOf(List<String> imageIds) {
        return service.post(PATH + "/references", imageIds, new TypeReference<>() {});
    }

    @Override
    public Uni<List<String>> layersInUse(List<String> chainIds) {
        return service.post(PATH + "/layers-in-use", chainIds, new TypeReference<>() {});
    }

    @Override
    public Uni<List<String>> descendants(List<String> imageIds) {
        return service.post(PATH + "/descendants", imageIds, new TypeReference<>() {});
    }

    @Override
    public Uni<String> nameFor(String repository, String tag) {
        return service.get(
                        PATH + "/name",
                        Map.of("repository", repository == null ? "" : repository, "tag", tag == null ? "" : tag),
                        new TypeReference<Named>() {})
                .map(Named::name);
    }

    @Override
    public Uni<String> commit(Commit wish, ReadStream<Buffer> layer) {
        return service.upload(PATH + "/commit", wish, layer, new TypeReference<Named>() {})
                .map(Named::name);
    }

    /** A string that is not alone: one would be taken for text. */
    public record Named(String name) {}
}
