package dev.gantry.container.remove;

import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Desired;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.Operations;
import dev.gantry.container.state.Replica;
import dev.gantry.container.state.Signals;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code DELETE /containers/{id}}: decides on the removal in one transaction; {@link FinishRemoval} carries it out. Once
 * decided it is not undone: when the host cannot be reached, the container stays "removing" and the recovery tries
 * again.
 */
@ApplicationScoped
public class RemoveContainer {
    private final Operations operations;
    private final ContainerFacts facts;
    private final Replica replica;
    private final FinishRemoval removal;

    RemoveContainer(Operations operations, ContainerFacts facts, Replica replica, FinishRemoval removal) {
        this.operations = operations;
        this.facts = facts;
        this.replica = replica;
        this.removal = removal;
    }

    /**
     * @param force also when it runs
     * @param volumes its anonymous volumes too
     */
    public Uni<Void> remove(String reference, boolean force, boolean volumes) {
        return operations
                .idle(reference, (session, container) -> decide(session, container, reference, force, volumes))
                .chain(id -> removal.finish(id)
                        .onFailure()
                        .call(() -> abandon(id))
                        .onFailure()
                        .transform(AgentErrors::translate));
    }

    private Uni<String> decide(
            Mutiny.Session session, ContainerEntity container, String reference, boolean force, boolean volumes) {
        ContainerState state = container.state();
        boolean abandoned = container.operationOwner != null && container.operationOwner == 0;
        if (state instanceof ContainerState.Removing && !abandoned) {
            throw new EngineError.Conflict("removal of container " + reference + " is already in progress");
        }
        if (!force) {
            refuseAlive(container, state);
        }
        boolean process = state instanceof ContainerState.Running || state instanceof ContainerState.Paused;
        container.desire(Desired.REMOVED);
        container.removeVolumes = container.removeVolumes || volumes;
        container.begin(Operation.REMOVE, UUID.randomUUID(), replica.number());
        return (process
                        ? facts.append(session, ContainerFacts.killed(container, Signals.KILL))
                        : Uni.createFrom().voidItem())
                .replaceWith(container.id);
    }

    private static void refuseAlive(ContainerEntity container, ContainerState state) {
        String reason =
                switch (state) {
                    case ContainerState.Paused paused -> "container is paused and must be unpaused first";
                    case ContainerState.Running running ->
                        "container is running: stop the container before removing or force remove";
                    case ContainerState.Restarting restarting ->
                        "container is restarting: stop the container before removing or force remove";
                    default -> null;
                };
        if (reason != null) {
            throw new EngineError.Conflict("cannot remove container \"/" + container.name + "\": " + reason);
        }
    }

    private Uni<Void> abandon(String id) {
        return operations
                .locked(id, (session, container) -> {
                    container.operationOwner = 0;
                    return Uni.createFrom().voidItem();
                })
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
    }
}
