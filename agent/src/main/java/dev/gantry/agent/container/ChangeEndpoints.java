package dev.gantry.agent.container;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.network.HostNetwork;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import org.jboss.logging.Logger;

/**
 * Attaches a running container to one more network, or takes it from one. The plan on disk tells what holds: it is written
 * after an endpoint is made and before one is taken away, so that an agent which is killed in between, and finds an
 * interface that no plan names, removes it.
 */
@ApplicationScoped
class ChangeEndpoints {
    private static final Logger LOG = Logger.getLogger(ChangeEndpoints.class);

    private final HostNetwork network;
    private final ObjectMapper json;

    ChangeEndpoints(HostNetwork network, ObjectMapper json) {
        this.network = network;
        this.json = json;
    }

    /** Does nothing when the endpoint is there already; the container's lock is held. */
    void attach(AgentContainer container, Endpoint endpoint) {
        NetworkPlan before = plan(container);
        Endpoint present = before.endpoint(endpoint.endpointId()).orElse(null);
        if (endpoint.equals(present)) {
            return;
        }
        if (present != null) {
            throw conflict("endpoint " + endpoint.endpointId() + " is attached already, in another way");
        }
        if (before.endpoints().stream().anyMatch(other -> other.interfaceName().equals(endpoint.interfaceName()))) {
            throw conflict("interface " + endpoint.interfaceName() + " belongs to another endpoint");
        }
        NetworkPlan after = before.with(endpoint);
        network.attachEndpoint(container.id(), after, endpoint);
        try {
            NetworkFiles.add(container.spec(), endpoint, container.files());
            keep(container, after);
        } catch (IOException e) {
            network.detachEndpoint(container.id(), before, endpoint);
            forgetName(container, endpoint);
            throw new AgentFailure(
                    AgentFailure.Code.NO_SPACE, "the container's network cannot be written: " + e.getMessage(), e);
        }
    }

    /** Does nothing when there is no such endpoint; the container's lock is held. */
    void detach(AgentContainer container, String endpointId) {
        NetworkPlan before = plan(container);
        Endpoint endpoint = before.endpoint(endpointId).orElse(null);
        if (endpoint == null) {
            return;
        }
        NetworkPlan after = before.without(endpointId);
        try {
            keep(container, after);
        } catch (IOException e) {
            throw new AgentFailure(
                    AgentFailure.Code.NO_SPACE, "the container's network cannot be written: " + e.getMessage(), e);
        }
        network.detachEndpoint(container.id(), after, endpoint);
        forgetName(container, endpoint);
    }

    private static void forgetName(AgentContainer container, Endpoint endpoint) {
        try {
            NetworkFiles.remove(container.spec(), endpoint, container.files());
        } catch (IOException e) {
            LOG.warnf("hosts of container %s: %s", container.id(), e.getMessage());
        }
    }

    private NetworkPlan plan(AgentContainer container) {
        container.running();
        try {
            return json.readValue(Files.readAllBytes(container.files().networkPlan()), NetworkPlan.class);
        } catch (IOException e) {
            throw new AgentFailure(
                    AgentFailure.Code.INTERNAL, "the container's network cannot be read: " + e.getMessage(), e);
        }
    }

    private void keep(AgentContainer container, NetworkPlan plan) throws IOException {
        Disk.replace(container.files().networkPlan(), json.writeValueAsBytes(plan));
    }

    private static AgentFailure conflict(String message) {
        return new AgentFailure(AgentFailure.Code.CONFLICT, message);
    }
}
