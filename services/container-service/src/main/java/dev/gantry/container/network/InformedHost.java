package dev.gantry.container.network;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.engine.network.Networks;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.function.Supplier;

/**
 * Calls a host with a plan that only names its networks. Mostly the host knows them; one that does not says so, is told of
 * them by network-service, and is asked once more.
 */
@ApplicationScoped
public class InformedHost {
    private final Networks networks;

    InformedHost(Networks networks) {
        this.networks = networks;
    }

    public <T> Uni<T> call(String hostId, NetworkPlan plan, Supplier<Uni<T>> call) {
        return call.get()
                .onFailure(InformedHost::lacksNetwork)
                .recoverWithUni(() -> networks.bring(hostId, networksOf(plan)).chain(call::get));
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
