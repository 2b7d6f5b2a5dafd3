package dev.gantry.agent.network;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.agent.operation.Operations;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;

/** {@code /v1/networks/{id}}: what this host is to know of a network. */
@Path(AgentProtocol.PREFIX + "/networks/{id}")
@RunOnVirtualThread
public class NetworksResource {
    private final HostNetwork network;
    private final Operations operations;

    NetworksResource(HostNetwork network, Operations operations) {
        this.network = network;
        this.operations = operations;
    }

    @PUT
    public NetworkState.Kept put(
            @PathParam("id") String id,
            @HeaderParam(AgentProtocol.OPERATION_HEADER) String operation,
            NetworkState state) {
        if (state == null || !id.equals(state.id())) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "the state of a network has the id of its path");
        }
        return operations.once(operation, NetworkState.Kept.class, () -> new NetworkState.Kept(network.put(state)));
    }

    @DELETE
    public void delete(@PathParam("id") String id, @HeaderParam(AgentProtocol.OPERATION_HEADER) String operation) {
        operations.once(operation, () -> network.delete(id));
    }
}
