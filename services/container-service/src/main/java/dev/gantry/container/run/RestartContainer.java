package dev.gantry.container.run;

import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** {@code POST /containers/{id}/restart}: stop when it runs, start, {@code restart}. */
@ApplicationScoped
public class RestartContainer {
    private final StopContainer stop;
    private final StartContainer start;
    private final Operations operations;
    private final ContainerFacts facts;

    RestartContainer(StopContainer stop, StartContainer start, Operations operations, ContainerFacts facts) {
        this.stop = stop;
        this.start = start;
        this.operations = operations;
        this.facts = facts;
    }

    /** Signal and timeout as for {@link StopContainer#stop}. */
    public Uni<Void> restart(String reference, String signal, Integer timeout) {
        return operations.find(reference).chain(container -> stop.stop(container.id, signal, timeout)
                .onFailure(EngineError.NotModified.class)
                .recoverWithNull()
                .chain(() -> start.start(container.id))
                .onFailure(EngineError.NotModified.class)
                .recoverWithNull()
                .chain(() -> operations.locked(container.id, (session, row) -> facts.append(session, row, "restart"))));
    }
}
