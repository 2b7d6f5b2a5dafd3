package dev.gantry.container.run;

import dev.gantry.container.remove.FinishRemoval;
import dev.gantry.container.state.Changes;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Desired;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.Operations;
import dev.gantry.container.state.Replica;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;

/**
 * {@code POST /containers/{id}/restart}: stop when it runs, start, {@code restart}. Its end in between removes no container
 * with {@code --rm}, unless the start does not come about: then it goes as it would have. A crash in between is finished by
 * the recovery.
 */
@ApplicationScoped
public class RestartContainer {
    private final StopContainer stop;
    private final StartContainer start;
    private final Operations operations;
    private final ContainerFacts facts;
    private final Changes changes;
    private final FinishRemoval removal;
    private final Replica replica;

    RestartContainer(
            StopContainer stop,
            StartContainer start,
            Operations operations,
            ContainerFacts facts,
            Changes changes,
            FinishRemoval removal,
            Replica replica) {
        this.stop = stop;
        this.start = start;
        this.operations = operations;
        this.facts = facts;
        this.changes = changes;
        this.removal = removal;
        this.replica = replica;
    }

    /** Signal and timeout as for {@link StopContainer#stop}. */
    public Uni<Void> restart(String reference, String signal, Integer timeout) {
        return operations.find(reference).chain(container -> stop.forRestart(container.id, signal, timeout)
                .onFailure(EngineError.NotModified.class)
                .recoverWithNull()
                .chain(() -> finish(container.id))
                .onFailure(failure -> !(failure instanceof EngineError.NotModified))
                .call(() -> giveUp(container.id))
                .chain(() -> operations.locked(container.id, (session, row) -> facts.append(session, row, "restart"))));
    }

    /** The second half, of a container that has been stopped for it. */
    public Uni<Void> finish(String id) {
        return start.start(id).onFailure(EngineError.NotModified.class).recoverWithNull();
    }

    private Uni<Void> giveUp(String id) {
        return operations
                .ifThere(id, (session, row) -> {
                    if (row.desired() == Desired.RESTARTED) {
                        row.desire(Desired.STOPPED);
                        if (row.autoRemove && !(row.observed() instanceof ContainerState.Alive)) {
                            row.desire(Desired.REMOVED);
                            row.removeVolumes = true;
                            row.begin(Operation.REMOVE, UUID.randomUUID(), replica.number());
                        }
                    }
                    return changes.tell(session, row);
                })
                .chain(() -> removal.finish(id))
                .onFailure()
                .recoverWithNull();
    }
}
