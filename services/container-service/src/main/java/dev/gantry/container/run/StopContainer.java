package dev.gantry.container.run;

import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Desired;
import dev.gantry.container.state.Operations;
import dev.gantry.container.state.Signals;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code POST /containers/{id}/stop}. Phases: desired state and {@code kill} with the signal; the host signals, waits
 * and kills; its report of the end is waited for, so that what follows sees it; {@code stop}. Nothing is undone on
 * failure: the container is meant to stop either way.
 */
@ApplicationScoped
public class StopContainer {
    private static final int DEFAULT_TIMEOUT = 10;
    private final Operations operations;
    private final HostAgents agents;
    private final ContainerFacts facts;

    StopContainer(Operations operations, HostAgents agents, ContainerFacts facts) {
        this.operations = operations;
        this.agents = agents;
        this.facts = facts;
    }

    /**
     * @param signal name or number; null or empty for the container's own
     * @param timeout seconds, negative to wait for ever; null for the container's own
     * @return fails with {@code NotModified} when it does not run
     */
    public Uni<Void> stop(String reference, String signal, Integer timeout) {
        return stop(reference, signal, timeout, Desired.STOPPED);
    }

    /** As {@link #stop(String, String, Integer)}, of a container that is started again: it stays, whatever its end means. */
    Uni<Void> forRestart(String id, String signal, Integer timeout) {
        return stop(id, signal, timeout, Desired.RESTARTED);
    }

    private Uni<Void> stop(String reference, String signal, Integer timeout, Desired desired) {
        return operations
                .idle(reference, (session, container) -> begin(session, container, signal, timeout, desired))
                .chain(stopping -> carryOut(stopping).chain(() -> ended(stopping)));
    }

    record Stopping(String id, String host, ContainerOperations.Stop stop) {}

    private Uni<Stopping> begin(
            Mutiny.Session session, ContainerEntity container, String signal, Integer timeout, Desired desired) {
        if (!(container.state() instanceof ContainerState.Alive)) {
            throw new EngineError.NotModified();
        }
        ContainerConfig config = container.config();
        String name = signal == null || signal.isEmpty() ? config.stopSignal() : signal;
        int number = name == null || name.isEmpty() ? Signals.TERM : Signals.parse(name);
        Integer own = config.stopTimeout();
        int seconds = timeout != null ? timeout : own != null ? own : DEFAULT_TIMEOUT;
        container.desire(desired);
        Stopping stopping = new Stopping(
                container.id,
                container.hostId,
                new ContainerOperations.Stop(Integer.toString(number), Math.max(seconds, -1), true));
        boolean process = !(container.state() instanceof ContainerState.Restarting);
        return (process
                        ? facts.append(session, ContainerFacts.killed(container, number))
                        : Uni.createFrom().voidItem())
                .replaceWith(stopping);
    }

    private Uni<Void> carryOut(Stopping stopping) {
        return agents.stop(stopping.host(), stopping.id(), stopping.stop())
                .onFailure()
                .transform(AgentErrors::translate)
                .chain(() -> operations.ended(stopping.id()));
    }

    /** A container with {@code --rm} may be gone by now. */
    private Uni<Void> ended(Stopping stopping) {
        return operations
                .locked(stopping.id(), (session, container) -> facts.append(session, container, "stop"))
                .onFailure(EngineError.NotFound.class)
                .recoverWithNull();
    }
}
