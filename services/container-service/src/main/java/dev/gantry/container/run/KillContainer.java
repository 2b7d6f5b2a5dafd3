package dev.gantry.container.run;

import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Desired;
import dev.gantry.container.state.NotRunning;
import dev.gantry.container.state.Operations;
import dev.gantry.container.state.Signals;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code POST /containers/{id}/kill}. SIGKILL is a stop without patience: restart policies do not apply, and the end is
 * waited for. Any other signal is only delivered; what it means for restart policies is the agent's to say.
 */
@ApplicationScoped
public class KillContainer {
    private static final int PATIENCE_SECONDS = 10;
    private final Operations operations;
    private final HostAgents agents;
    private final ContainerFacts facts;

    KillContainer(Operations operations, HostAgents agents, ContainerFacts facts) {
        this.operations = operations;
        this.agents = agents;
        this.facts = facts;
    }

    /** @param signal name or number; null or empty for SIGKILL */
    public Uni<Void> kill(String reference, String signal) {
        return Uni.createFrom()
                .item(() -> signal == null || signal.isEmpty() ? Signals.KILL : Signals.parse(signal))
                .chain(number -> operations
                        .idle(reference, (session, container) -> begin(session, container, number))
                        .chain(container -> number == Signals.KILL ? end(container) : deliver(container, number))
                        .onFailure()
                        .transform(AgentErrors::translate))
                .onFailure(EngineError.class)
                .transform(error -> words(reference, (EngineError) error));
    }

    private static EngineError words(String reference, EngineError error) {
        return switch (error) {
            case EngineError.Internal internal -> internal;
            case EngineError.Unavailable unavailable -> unavailable;
            default ->
                EngineError.of(error.status(), "cannot kill container: " + reference + ": " + error.getMessage());
        };
    }

    private Uni<ContainerEntity> begin(Mutiny.Session session, ContainerEntity container, int number) {
        if (!(container.state() instanceof ContainerState.Alive state)) {
            throw NotRunning.error(container);
        }
        if (number == Signals.KILL) {
            container.desire(Desired.STOPPED);
        }
        // Nobody gets the signal of one that waits for its next start.
        return state instanceof ContainerState.Restarting
                ? Uni.createFrom().item(container)
                : facts.append(session, ContainerFacts.killed(container, number))
                        .replaceWith(container);
    }

    private Uni<Void> end(ContainerEntity container) {
        ContainerOperations.Stop stop =
                new ContainerOperations.Stop(Integer.toString(Signals.KILL), PATIENCE_SECONDS, true);
        return agents.stop(container.hostId, container.id, stop).chain(() -> operations.ended(container.id));
    }

    private Uni<Void> deliver(ContainerEntity container, int number) {
        return agents.kill(container.hostId, container.id, Integer.toString(number));
    }
}
