package dev.gantry.container.network;

import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Tells running containers what has become of those that they are linked to. */
@ApplicationScoped
public class ChangeLinks {
    private static final Logger LOG = Logger.getLogger(ChangeLinks.class);

    private final Operations operations;
    private final LinkedContainers linked;
    private final ChangeNetworks changes;

    ChangeLinks(Operations operations, LinkedContainers linked, ChangeNetworks changes) {
        this.operations = operations;
        this.linked = linked;
        this.changes = changes;
    }

    /** A container has started, maybe with another address. */
    public Uni<Void> started(String targetId) {
        return linked.linkedTo(targetId)
                .onItem()
                .transformToMulti(ids -> Multi.createFrom().iterable(ids))
                .onItem()
                .transformToUniAndConcatenate(id -> renew(id).onFailure().recoverWithUni(failure -> {
                    LOG.infof("container %s is not told of %s: %s", id, targetId, failure.getMessage());
                    return Uni.createFrom().voidItem();
                }))
                .collect()
                .asList()
                .replaceWithVoid();
    }

    /** {@code docker rm --link container/alias}. */
    public Uni<Void> remove(String reference, String alias) {
        return operations.find(reference).chain(container -> linked.target(container.id, alias)
                .onItem()
                .ifNull()
                .failWith(() -> new EngineError.NotFound("No such container: " + reference + "/" + alias))
                .chain(() -> linked.remove(container.id, alias))
                .chain(() -> renew(container.id)));
    }

    /** The name of a container is no link of another. */
    public Uni<Void> refuse(String reference) {
        return operations.find(reference).map(found -> {
            throw new EngineError.Failed("Conflict, cannot remove the default link name of the container");
        });
    }

    /** The id of the container that another one calls that. */
    public Uni<String> target(String reference, String alias) {
        return operations
                .find(reference)
                .chain(container -> linked.target(container.id, alias))
                .onFailure(EngineError.NotFound.class)
                .recoverWithNull()
                .onItem()
                .ifNull()
                .failWith(() -> new EngineError.NotFound("No such container: " + reference + "/" + alias));
    }

    /** Where what it knows is true still, nothing happens. */
    private Uni<Void> renew(String containerId) {
        return operations.find(containerId).chain(found -> {
            if (found.attachment() == null) {
                return Uni.createFrom().voidItem();
            }
            return linked.tellAgain(found, found.attachment())
                    .chain(now -> LinkedContainers.isSame(found.attachment().plan(), now.plan())
                            ? Uni.createFrom().voidItem()
                            : change(found));
        });
    }

    private Uni<Void> change(ContainerEntity container) {
        return operations
                .idle(container.id, (session, row) -> Uni.createFrom().item(() -> changes.begin(row, row.endpoints)))
                .chain(changes::carryOut);
    }
}
