package dev.gantry.agent.container;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.container.ContainerState.Exited;
import dev.gantry.agent.container.ContainerState.Running;
import dev.gantry.agent.dns.ContainerNames;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.network.HostNetwork;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Gives a running container another network plan: interfaces come and go, the default route, published ports and names move.
 * The plan on disk tells what holds: it is written after new endpoints are made and before others are taken away, so that an
 * agent which is killed in between, and finds an interface that no plan names, removes it. Asked once more, it goes on.
 */
@ApplicationScoped
class ChangeNetwork {
    private static final Logger LOG = Logger.getLogger(ChangeNetwork.class);

    private final HostNetwork network;
    private final ContainerNames names;
    private final ObjectMapper json;

    ChangeNetwork(HostNetwork network, ContainerNames names, ObjectMapper json) {
        this.network = network;
        this.names = names;
        this.json = json;
    }

    /**
     * The container's lock is held.
     *
     * @throws AgentFailure as {@link HostNetwork#change}, CONFLICT when it does not run; all is as it was then
     */
    void change(AgentContainer container, NetworkPlan after) {
        require(after);
        if (container.state() instanceof Exited exited && exited.restarting()) {
            network.require(after);
            keep(container, after);
            return;
        }
        Running running = container.running();
        NetworkPlan before = plan(container);
        network.change(container.id(), after, () -> keep(container, after));
        try {
            names.put(
                    container.files(),
                    network.namespaceOf(container.id()),
                    after,
                    container.spec().dns());
            NetworkFiles.change(container.spec(), before, after, container.files());
        } catch (IOException e) {
            // It is on its networks; the next change, or its next start, writes them again.
            LOG.warnf(
                    "names of container %s, pid %d: %s",
                    container.id(), running.processes().pid(), e.getMessage());
        }
    }

    private static void require(NetworkPlan plan) {
        if (plan == null || plan.kind() == null || !plan.hasOwnNamespace()) {
            throw new AgentFailure(
                    AgentFailure.Code.BAD_REQUEST, "a container's network can be changed to one of its own only");
        }
        Set<String> interfaces = new HashSet<>();
        for (Endpoint endpoint : plan.endpoints()) {
            if (!isComplete(endpoint)) {
                throw new AgentFailure(
                        AgentFailure.Code.BAD_REQUEST,
                        "an endpoint has an id, a network, an interface name, an address, a gateway and a MAC address");
            }
            if (!interfaces.add(endpoint.interfaceName())) {
                throw new AgentFailure(
                        AgentFailure.Code.CONFLICT,
                        "interface " + endpoint.interfaceName() + " belongs to another endpoint");
            }
        }
    }

    private static boolean isComplete(Endpoint endpoint) {
        return endpoint.endpointId() != null
                && endpoint.endpointId().matches("[0-9a-f]{64}")
                && endpoint.network() != null
                && endpoint.network().id() != null
                && endpoint.interfaceName() != null
                && endpoint.interfaceName().matches("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,14}")
                && endpoint.address() != null
                && endpoint.gateway() != null
                && endpoint.macAddress() != null;
    }

    private NetworkPlan plan(AgentContainer container) {
        try {
            return json.readValue(Files.readAllBytes(container.files().networkPlan()), NetworkPlan.class);
        } catch (IOException e) {
            throw new AgentFailure(
                    AgentFailure.Code.INTERNAL, "the container's network cannot be read: " + e.getMessage(), e);
        }
    }

    private void keep(AgentContainer container, NetworkPlan plan) {
        try {
            Disk.replace(container.files().networkPlan(), json.writeValueAsBytes(plan));
        } catch (IOException e) {
            throw new AgentFailure(
                    AgentFailure.Code.NO_SPACE, "the container's network cannot be written: " + e.getMessage(), e);
        }
    }
}
