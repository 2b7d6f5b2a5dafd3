package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.operation.Operations;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;

/** {@code /v1/containers/{id}/endpoints/{endpointId}}: a running container comes to a network, or leaves it. */
@Path(AgentProtocol.PREFIX + "/containers/{id}/endpoints/{endpointId}")
@RunOnVirtualThread
public class EndpointsResource {
    private final Containers containers;
    private final Operations operations;
    private final ChangeEndpoints change;

    EndpointsResource(Containers containers, Operations operations, ChangeEndpoints change) {
        this.containers = containers;
        this.operations = operations;
        this.change = change;
    }

    @PUT
    public void attach(
            @PathParam("id") String id,
            @PathParam("endpointId") String endpointId,
            @HeaderParam(AgentProtocol.OPERATION_HEADER) String operation,
            Endpoint endpoint) {
        require(endpoint, endpointId);
        AgentContainer container = containers.get(id);
        operations.once(
                operation,
                () -> container.exclusively(() -> {
                    change.attach(container, endpoint);
                    return null;
                }));
    }

    @DELETE
    public void detach(
            @PathParam("id") String id,
            @PathParam("endpointId") String endpointId,
            @HeaderParam(AgentProtocol.OPERATION_HEADER) String operation) {
        AgentContainer container = containers.get(id);
        operations.once(
                operation,
                () -> container.exclusively(() -> {
                    change.detach(container, endpointId);
                    return null;
                }));
    }

    private static void require(Endpoint endpoint, String id) {
        boolean complete = endpoint != null
                && id.equals(endpoint.endpointId())
                && id.matches("[0-9a-f]{64}")
                && endpoint.network() != null
                && endpoint.network().id() != null
                && endpoint.interfaceName() != null
                && endpoint.interfaceName().matches("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,14}")
                && endpoint.address() != null
                && endpoint.gateway() != null
                && endpoint.macAddress() != null;
        if (!complete) {
            throw new AgentFailure(
                    AgentFailure.Code.BAD_REQUEST,
                    "an endpoint has the id of its path, a network, an interface name, an address, a gateway and a MAC"
                            + " address");
        }
    }
}
