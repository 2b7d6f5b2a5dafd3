package dev.gantry.container.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.image.ResolvedImage;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.UncheckedIOException;
import java.util.List;

/** An image store with {@code busybox:latest} and {@code declared:latest}, which declares a volume and a port. */
@ApplicationScoped
public class FakeImages implements Images {
    public static final String BUSYBOX = "sha256:" + "b".repeat(64);
    public static final String DECLARED = "sha256:" + "d".repeat(64);

    @Override
    public Uni<ResolvedImage> resolve(String reference, String platform) {
        return switch (reference) {
            case "busybox", "busybox:latest" -> image(BUSYBOX, "{\"Cmd\":[\"sh\"],\"Env\":[\"PATH=/bin\"]}");
            case "declared" ->
                image(
                        DECLARED,
                        "{\"Entrypoint\":[\"/serve\"],\"Cmd\":[\"--all\"],\"Volumes\":{\"/data\":{}},"
                                + "\"ExposedPorts\":{\"80/tcp\":{}},\"Labels\":{\"from\":\"image\"},\"User\":\"www\"}");
            case "nothing" -> image(BUSYBOX, "{}");
            default ->
                Uni.createFrom()
                        .failure(new EngineError.NotFound(
                                "No such image: " + (reference.contains(":") ? reference : reference + ":latest")));
        };
    }

    private static Uni<ResolvedImage> image(String id, String config) {
        ContainerSpec.Layer layer = new ContainerSpec.Layer(
                "sha256:1", "sha256:1", "sha256:1", "application/vnd.oci.image.layer.v1.tar+gzip", 1, "unix:///x:/y");
        return Uni.createFrom().item(new ResolvedImage(id, "linux", "amd64", "", parse(config), List.of(layer), 1));
    }

    private static JsonNode parse(String json) {
        try {
            return new ObjectMapper().readTree(json);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Uni<Long> count() {
        return Uni.createFrom().item(2L);
    }

    @Override
    public Uni<List<ImageReferences>> referencesOf(List<String> imageIds) {
        return Uni.createFrom().item(List.of(new ImageReferences(BUSYBOX, List.of("busybox:latest"))));
    }

    @Override
    public Uni<List<String>> layersInUse(List<String> chainIds) {
        return Uni.createFrom()
                .item(chainIds.stream()
                        .filter(chain -> chain.endsWith("needed"))
                        .toList());
    }

    @Override
    public Uni<List<String>> descendants(List<String> imageIds) {
        return Uni.createFrom().item(imageIds);
    }

    @Override
    public Uni<String> nameFor(String repository, String tag) {
        return Uni.createFrom().item(repository == null || repository.isEmpty() ? "" : repository + ":" + tag);
    }

    @Override
    public Uni<String> commit(Commit wish, ReadStream<Buffer> layer) {
        Promise<String> read = Promise.promise();
        layer.exceptionHandler(read::tryFail)
                .endHandler(end -> read.tryComplete(BUSYBOX))
                .handler(buffer -> {})
                .resume();
        return Uni.createFrom().completionStage(read.future().toCompletionStage());
    }
}
