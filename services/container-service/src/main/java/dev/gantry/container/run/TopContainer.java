package dev.gantry.container.run;

import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.NotRunning;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.container.ContainerResults;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** {@code GET /containers/{id}/top}. */
@ApplicationScoped
public class TopContainer {
    private static final String DEFAULT_ARGS = "-ef";
    private final Operations operations;
    private final HostAgents agents;
    private final ContainerFacts facts;

    TopContainer(Operations operations, HostAgents agents, ContainerFacts facts) {
        this.operations = operations;
        this.agents = agents;
        this.facts = facts;
    }

    /** @param psArgs options for ps(1); null and empty for the default */
    public Uni<ContainerResults.Top> top(String reference, String psArgs) {
        String args = psArgs == null || psArgs.isBlank() ? DEFAULT_ARGS : psArgs;
        return operations
                .find(reference)
                .map(NotRunning::check)
                .chain(container -> agents.top(container.hostId, container.id, args)
                        .onFailure()
                        .transform(AgentErrors::translate)
                        .call(() ->
                                operations.ifThere(container.id, (session, row) -> facts.append(session, row, "top"))))
                .map(found -> new ContainerResults.Top(found.titles(), found.processes()));
    }
}
