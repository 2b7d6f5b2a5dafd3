package dev.gantry.container.network;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.PortTaken;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/** A start that failed since someone else has a host port: other ports may do. */
public final class TakenPorts {
    private static final int RETRIES = 5;

    private TakenPorts() {}

    public static boolean worthRetrying(Throwable failure, int retries) {
        return retries < RETRIES
                && failure instanceof AgentFailure refused
                && refused.code() == AgentFailure.Code.PORT_IN_USE
                && PortTaken.port(refused.getMessage()).isPresent();
    }

    public static List<Integer> in(Throwable failure) {
        return List.of(PortTaken.port(failure.getMessage()).orElseThrow());
    }

    /** The failure, if it is about a port, with the words that name whose it was to be. */
    public static Throwable about(String containerName, NetworkPlan plan, Throwable failure) {
        if (!(failure instanceof AgentFailure refused)) {
            return failure;
        }
        OptionalInt port = PortTaken.port(refused.getMessage());
        return plan.endpoints().stream()
                .filter(endpoint -> port.isPresent() && publishes(endpoint, port.getAsInt()))
                .findFirst()
                .<Throwable>map(endpoint -> new AgentFailure(
                        refused.code(),
                        PortTaken.about(containerName, endpoint.endpointId(), refused.getMessage()),
                        refused))
                .orElse(failure);
    }

    private static boolean publishes(NetworkPlan.Endpoint endpoint, int port) {
        return endpoint.ports().stream().anyMatch(run -> run.hostPort() <= port && port < run.hostPort() + run.count());
    }

    /** Another try is another operation: the host would repeat its refusal otherwise. */
    public static UUID operation(UUID start, int retries) {
        return retries == 0 ? start : UUID.nameUUIDFromBytes((start + "/" + retries).getBytes(StandardCharsets.UTF_8));
    }
}
