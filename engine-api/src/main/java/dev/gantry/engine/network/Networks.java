package dev.gantry.engine.network;

import dev.gantry.agent.api.NetworkPlan;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What container-service asks of network-service. */
public interface Networks {
    /**
     * Allocates what a container needs to start: addresses, MAC addresses, host ports. Repeating it for the same
     * start replaces nothing and returns the same attachment, so that a retried start leaks nothing; what the container has of
     * another start is taken back.
     *
     * @return fails with {@code NotFound("network xyz not found")}, {@code Failed} in Docker's words when no address is
     *     left and when a port is taken
     */
    Uni<Attachment> connect(ConnectRequest request);

    /** Frees everything {@link #connect} gave to the container. Nothing to free is no error. */
    Uni<Void> disconnect(String containerId);

    /** Frees what the container has on other networks than those. */
    Uni<Void> keep(String containerId, List<String> networkIds);

    /** Tells that a container which does not run is to be on a network no more. */
    Uni<Void> left(String containerId, String hostId, String networkId);

    /**
     * The network that a client means, to which a container may come.
     *
     * @param term its name, id, or the beginning of the id
     * @param asked what the container wants there; null when it is to leave
     * @return fails with {@code NotFound}, {@code BadParameter} and {@code Forbidden} in Docker's words
     */
    Uni<Found> find(String term, EndpointRequest asked);

    /**
     * Marks host ports as taken by someone else on that host and gives the container others where it left the choice;
     * fails as {@link #connect} does where it did not.
     */
    Uni<Attachment> reassignPorts(ConnectRequest request, List<Integer> taken);

    /**
     * Looks whether a container may ask for that, before it is made. Networks that are not there are passed over: a start
     * will miss them.
     *
     * @param endpoints by network name, id, or the beginning of the id
     * @return the networks by the words for them; fails with {@code BadParameter} in Docker's words
     */
    Uni<Map<String, Found>> check(Map<String, EndpointRequest> endpoints);

    /**
     * Has a host know the networks as they are now: asked when a host refuses a plan that names one with
     * {@code UNKNOWN_NETWORK}.
     */
    Uni<Void> bring(String hostId, List<String> networkIds);

    /**
     * @param containerId 64 hex digits
     * @param name container name without slash
     * @param hostname by which it is found as well
     * @param mode {@code HostConfig.NetworkMode}: {@code default}, {@code bridge}, {@code none}, {@code host},
     *     {@code container:<id>} or a network's name or id
     * @param endpoints the networks that it is to be on, by name or id, with what it wants there; maybe empty
     * @param ports {@code containerPort/protocol} to bindings
     * @param publishAll also publish each of {@code exposedPorts} on a port of our choice
     * @param run the start that it is for: what the container has of an earlier one is taken back first; null for one that
     *     runs, and keeps what it has
     */
    record ConnectRequest(
            String hostId,
            String containerId,
            String name,
            String hostname,
            String mode,
            Map<String, EndpointRequest> endpoints,
            Map<String, List<PortBinding>> ports,
            List<String> exposedPorts,
            boolean publishAll,
            UUID run) {

        public ConnectRequest(
                String hostId,
                String containerId,
                String name,
                String hostname,
                String mode,
                Map<String, EndpointRequest> endpoints,
                Map<String, List<PortBinding>> ports,
                List<String> exposedPorts,
                boolean publishAll) {
            this(hostId, containerId, name, hostname, mode, endpoints, ports, exposedPorts, publishAll, null);
        }

        /** The same with other words for its networks. */
        public ConnectRequest on(Map<String, EndpointRequest> other) {
            return new ConnectRequest(
                    hostId, containerId, name, hostname, mode, other, ports, exposedPorts, publishAll, run);
        }

        /** The same for a start. */
        public ConnectRequest in(UUID start) {
            return new ConnectRequest(
                    hostId, containerId, name, hostname, mode, endpoints, ports, exposedPorts, publishAll, start);
        }
    }

    /**
     * What a client wants on one network; texts are empty for what it leaves to us.
     *
     * @param gwPriority the network with the highest gives the default route
     * @param linkLocal further addresses, of either family, that mean something on that network only
     * @param links what only this container calls others there, to their names
     */
    record EndpointRequest(
            String ipv4Address,
            String ipv6Address,
            List<String> linkLocal,
            String macAddress,
            List<String> aliases,
            long gwPriority,
            Map<String, String> links) {
        public EndpointRequest {
            ipv4Address = ipv4Address == null ? "" : ipv4Address;
            ipv6Address = ipv6Address == null ? "" : ipv6Address;
            linkLocal = linkLocal == null ? List.of() : List.copyOf(linkLocal);
            macAddress = macAddress == null ? "" : macAddress;
            aliases = aliases == null ? List.of() : List.copyOf(aliases);
            links = links == null ? Map.of() : Map.copyOf(links);
        }

        public EndpointRequest(String ipv4Address, String macAddress, List<String> aliases) {
            this(ipv4Address, "", List.of(), macAddress, aliases, 0, Map.of());
        }

        /** Whether there is something that a network may refuse. */
        public boolean asksForNames() {
            return !ipv4Address.isEmpty()
                    || !ipv6Address.isEmpty()
                    || !linkLocal.isEmpty()
                    || !aliases.isEmpty()
                    || !links.isEmpty();
        }
    }

    /** As in {@code HostConfig.PortBindings}: {@code hostPort} is a number, a range, or empty for any. */
    record PortBinding(String hostIp, String hostPort) {}

    /**
     * What was allocated: the plan for the agent, and the same as {@code inspect} shows it.
     *
     * @param ports of its bridges' networks, {@code containerPort/protocol}, with their bindings; none for one that is
     *     exposed only
     */
    record Attachment(NetworkPlan plan, List<AttachedEndpoint> endpoints, Map<String, List<PortBinding>> ports) {}

    /** A network as a client's words for it were understood. */
    record Found(String id, String name) {}

    /**
     * Fields of the API's {@code EndpointSettings}.
     *
     * @param dnsNames by which others find it on the network; null where nobody has a name
     */
    record AttachedEndpoint(
            String networkName,
            String networkId,
            String endpointId,
            String gateway,
            String ipAddress,
            int ipPrefixLen,
            String ipv6Gateway,
            String ipv6Address,
            int ipv6PrefixLen,
            String macAddress,
            List<String> aliases,
            List<String> dnsNames) {
        public AttachedEndpoint {
            ipv6Gateway = ipv6Gateway == null ? "" : ipv6Gateway;
            ipv6Address = ipv6Address == null ? "" : ipv6Address;
        }
    }

    /** Body of {@link #find} between processes. */
    record Wish(String term, EndpointRequest asked) {}

    /** Body of {@link #left} between processes. */
    record Left(String containerId, String hostId, String networkId) {}

    /** Body of {@link #reassignPorts} between processes. */
    record PortsTaken(ConnectRequest request, List<Integer> taken) {}
}
