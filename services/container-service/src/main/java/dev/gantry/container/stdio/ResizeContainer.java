package dev.gantry.container.stdio;

import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.request.TerminalSize;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.NotRunning;
import dev.gantry.container.state.Operations;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/** {@code POST /containers/{id}/resize}. */
@ApplicationScoped
public class ResizeContainer {
    private final Operations operations;
    private final HostAgents agents;
    private final ContainerFacts facts;

    ResizeContainer(Operations operations, HostAgents agents, ContainerFacts facts) {
        this.operations = operations;
        this.agents = agents;
        this.facts = facts;
    }

    public Uni<Void> resize(String reference, TerminalSize size) {
        Map<String, String> more =
                Map.of("height", Integer.toString(size.height()), "width", Integer.toString(size.width()));
        return operations.find(reference).map(NotRunning::check).chain(container -> agents.resize(
                        container.hostId, container.id, size.height(), size.width())
                .onFailure()
                .transform(AgentErrors::translate)
                .chain(() -> operations.ifThere(
                        container.id, (session, row) -> facts.append(session, row, "resize", more))));
    }
}
