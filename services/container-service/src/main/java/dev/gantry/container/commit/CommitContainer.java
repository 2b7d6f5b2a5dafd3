package dev.gantry.container.commit;

import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.container.create.ImageDefaults;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.KnownHosts;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.image.Images;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code docker commit}. The host tells what the container changed, as a layer, and stops it for as long as that takes;
 * image-service takes the layer as it comes and makes the image; the fact {@code commit} is stored. What fails leaves nothing:
 * a stream that breaks off makes no image, and the host lets the container go on when nobody reads any more.
 */
@ApplicationScoped
public class CommitContainer {
    private final Operations operations;
    private final KnownHosts hosts;
    private final AgentClient client;
    private final Images images;
    private final ContainerFacts facts;

    CommitContainer(Operations operations, KnownHosts hosts, AgentClient client, Images images, ContainerFacts facts) {
        this.operations = operations;
        this.hosts = hosts;
        this.client = client;
        this.images = images;
        this.facts = facts;
    }

    /**
     * @param repository null or empty for an image without a name
     * @param config in place of the container's; what it does not say is the container's all the same
     * @param changes instructions of a Dockerfile
     */
    public record Wish(
            String repository,
            String tag,
            String author,
            String comment,
            boolean pause,
            Optional<ContainerConfig> config,
            List<String> changes) {}

    /** The image's id. */
    public Uni<String> commit(String reference, Wish wish) {
        return images.nameFor(wish.repository(), wish.tag())
                .chain(name -> found(reference).invoke(CommitContainer::check).chain(container -> streamed(
                                container, wish, name)
                        .onFailure()
                        .transform(AgentErrors::translate)
                        .call(image -> told(container, image, name, wish.comment()))));
    }

    private Uni<ContainerEntity> found(String reference) {
        if (reference.isEmpty()) {
            throw new EngineError.BadParameter("invalid name or ID supplied: \"\"");
        }
        return operations.find(reference);
    }

    private static void check(ContainerEntity container) {
        switch (container.state()) {
            case ContainerState.Removing removing ->
                throw new EngineError.Conflict(
                        "You cannot commit container " + container.id + " which is being removed");
            case ContainerState.Dead dead ->
                throw new EngineError.Conflict("You cannot commit container " + container.id + " which is Dead");
            default -> {}
        }
    }

    private Uni<String> streamed(ContainerEntity container, Wish wish, String name) {
        ContainerConfig own = container.config();
        ContainerConfig changed = ConfigChanges.apply(wish.config().orElse(own), wish.changes());
        Images.Commit commit = new Images.Commit(
                container.imageId,
                name,
                container.id,
                own,
                ImageDefaults.fill(changed, own),
                wish.author(),
                wish.comment());
        Context here = Vertx.currentContext();
        return hosts.reach(container.hostId, address -> {
            AgentCall call = AgentCall.get(address, "/containers/" + container.id + "/layer?pause=" + wish.pause())
                    .withTimeout(null);
            return Background.here(
                    client.read(call, layer -> made(here, commit, layer)).toCompletionStage());
        });
    }

    /** On the context of the request, which the layer does not come on. */
    private Future<String> made(Context here, Images.Commit commit, ReadStream<Buffer> layer) {
        Promise<String> made = Promise.promise();
        here.runOnContext(ignored -> images.commit(commit, layer).subscribe().with(made::complete, made::fail));
        return made.future();
    }

    private Uni<Void> told(ContainerEntity container, String image, String name, String comment) {
        Map<String, String> more = Map.of("comment", comment, "imageID", image, "imageRef", name);
        return operations.ifThere(container.id, (session, row) -> facts.append(session, row, "commit", more));
    }
}
