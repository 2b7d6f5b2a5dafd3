package dev.gantry.container.run;

import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.Changes;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Liveness;
import dev.gantry.container.state.NotRunning;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Predicate;

/** {@code POST /containers/{id}/pause} and {@code /unpause}. The host's report of it is waited for. */
@ApplicationScoped
public class PauseContainer {
    private final Operations operations;
    private final HostAgents agents;
    private final Changes changes;

    PauseContainer(Operations operations, HostAgents agents, Changes changes) {
        this.operations = operations;
        this.agents = agents;
        this.changes = changes;
    }

    public Uni<Void> pause(String reference) {
        return operations.find(reference).chain(container -> switch (container.state()) {
            case ContainerState.Running running ->
                agents.pause(container.hostId, container.id)
                        .onFailure()
                        .transform(AgentErrors::translate)
                        .chain(() -> seen(container, state -> !(state instanceof ContainerState.Running)));
            case ContainerState.Paused paused ->
                throw new EngineError.Conflict("Container " + container.id + " is already paused");
            case ContainerState.Restarting restarting -> throw NotRunning.restarting(container);
            default -> throw NotRunning.error(container);
        });
    }

    public Uni<Void> unpause(String reference) {
        return operations.find(reference).chain(container -> {
            if (!(container.state() instanceof ContainerState.Paused)) {
                throw new EngineError.Failed("Container " + container.id + " is not paused");
            }
            return agents.unpause(container.hostId, container.id)
                    .onFailure()
                    .transform(AgentErrors::translate)
                    .chain(() -> seen(container, state -> !(state instanceof ContainerState.Paused)));
        });
    }

    private Uni<Void> seen(ContainerEntity container, Predicate<ContainerState> wanted) {
        Uni<ContainerEntity> seen = changes.until(container.id, () -> operations
                .find(container.id)
                .map(now -> wanted.test(now.state()) ? now : null)
                .onFailure(EngineError.NotFound.class)
                .recoverWithItem(ContainerEntity::new));
        return agents.whileAlive(container.hostId, Liveness.PATIENCE, seen).replaceWithVoid();
    }
}
