package dev.gantry.container.run;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.Start;
import dev.gantry.agent.api.ContainerOperations.Started;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.engine.network.Networks;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;

/**
 * Has a host start a container. The plan only names its networks, and mostly the host knows them; one that does not says
 * so, is told of them by network-service, and is asked once more.
 */
@ApplicationScoped
class HostStart {
    private final HostAgents agents;
    private final Networks networks;

    HostStart(HostAgents agents, Networks networks) {
        this.agents = agents;
        this.networks = networks;
    }

    Uni<Started> start(ContainerEntity container, Start start, UUID operation) {
        return agents.start(container.hostId, container.id, start, operation)
                .onFailure(HostStart::lacksNetwork)
                .recoverWithUni(() -> networks.bring(container.hostId, networksOf(start.network()))
                        .chain(() -> agents.start(container.hostId, container.id, start, operation)));
    }

    private static boolean lacksNetwork(Throwable failure) {
        return failure instanceof AgentFailure refused && refused.code() == AgentFailure.Code.UNKNOWN_NETWORK;
    }

    private static List<String> networksOf(NetworkPlan plan) {
        return plan.endpoints().stream()
                .map(endpoint -> endpoint.network().id())
                .distinct()
                .toList();
    }
}
