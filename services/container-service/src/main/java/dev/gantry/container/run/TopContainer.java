package dev.gantry.container.run;

import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.NotRunning;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerResults;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code GET /containers/{id}/top}. */
@ApplicationScoped
public class TopContainer {
    private static final String DEFAULT_ARGS = "-ef";

    /** A column named as that of the pids is (ps(1), "user-defined format"). */
    private static final Pattern PID_HEADING = Pattern.compile("\\s+([^\\s]*)=\\s*(PID[^\\s]*)");

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
        String args = psArgs == null || psArgs.isEmpty() ? DEFAULT_ARGS : psArgs;
        check(args);
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

    /** Else another column could pass for that of the pids, by which the container's processes are told from others. */
    private static void check(String args) {
        Matcher headings = PID_HEADING.matcher(args);
        while (headings.find()) {
            if (!headings.group(1).equals("pid")) {
                throw new EngineError.Failed(
                        "specifying \"" + headings.group(1) + "=" + headings.group(2) + "\" is not allowed");
            }
        }
    }
}
