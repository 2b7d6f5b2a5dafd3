package dev.gantry.agent.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How one container is attached, decided by network-service and carried out by the agent as part of a start. It names
 * networks whose {@link NetworkState} was put on the host before. The agent keeps the plan on disk for restarts.
 *
 * @param kind {@code NONE}: a namespace with only a loopback; {@code HOST}: the host's namespace; {@code CONTAINER}:
 *     the namespace of {@code container}; {@code NETWORKS}: a namespace with the endpoints
 * @param container id of the container whose namespace is joined; empty otherwise
 */
public record NetworkPlan(Kind kind, String container, List<Endpoint> endpoints) {
    public NetworkPlan {
        endpoints = endpoints == null ? List.of() : List.copyOf(endpoints);
    }

    /** Whether the container has a network namespace of its own. */
    public boolean hasOwnNamespace() {
        return kind == Kind.NONE || kind == Kind.NETWORKS;
    }

    /** The same with one endpoint more. */
    public NetworkPlan with(Endpoint endpoint) {
        List<Endpoint> all = new ArrayList<>(endpoints);
        all.add(endpoint);
        return new NetworkPlan(Kind.NETWORKS, container, all);
    }

    /** The same without that endpoint. */
    public NetworkPlan without(String endpointId) {
        List<Endpoint> rest = endpoints.stream()
                .filter(endpoint -> !endpoint.endpointId().equals(endpointId))
                .toList();
        return new NetworkPlan(rest.isEmpty() ? Kind.NONE : kind, container, rest);
    }

    public Optional<Endpoint> endpoint(String endpointId) {
        return endpoints.stream()
                .filter(endpoint -> endpoint.endpointId().equals(endpointId))
                .findFirst();
    }

    public enum Kind {
        NONE,
        HOST,
        CONTAINER,
        NETWORKS
    }

    /**
     * One attachment to a network.
     *
     * @param interfaceName name inside the container, such as {@code eth0}
     * @param address IPv4 address in CIDR form, such as {@code 172.18.0.2/16}
     * @param gateway IPv4 address of the next router; the default route when {@code defaultRoute}
     * @param macAddress colon-separated
     * @param aliases names for the container's {@code /etc/hosts}
     */
    public record Endpoint(
            String endpointId,
            Network network,
            String interfaceName,
            String address,
            String gateway,
            String macAddress,
            boolean defaultRoute,
            List<String> aliases,
            List<PublishedPort> ports) {
        public Endpoint {
            aliases = aliases == null ? List.of() : List.copyOf(aliases);
            ports = ports == null ? List.of() : List.copyOf(ports);
        }
    }

    /**
     * A network that the host was told of.
     *
     * @param version the state that the endpoint needs; a later one will do
     */
    public record Network(String id, long version) {}

    /**
     * A published port, or a run of them: {@code hostPort + n} leads to {@code containerPort + n}.
     *
     * @param protocol {@code tcp}, {@code udp} or {@code sctp}
     * @param hostIp address to publish on; {@code 0.0.0.0} for all
     * @param hostPort 1 to 65535
     * @param count of ports in the run, at least 1
     */
    public record PublishedPort(String protocol, String hostIp, int hostPort, int containerPort, int count) {
        public PublishedPort {
            count = Math.max(1, count);
        }

        public PublishedPort(String protocol, String hostIp, int hostPort, int containerPort) {
            this(protocol, hostIp, hostPort, containerPort, 1);
        }

        public PublishedPort withCount(int other) {
            return new PublishedPort(protocol, hostIp, hostPort, containerPort, other);
        }

        /** Whether the other one continues this run. */
        public boolean isFollowedBy(PublishedPort other) {
            return protocol.equals(other.protocol)
                    && hostIp.equals(other.hostIp)
                    && hostPort + count == other.hostPort
                    && containerPort + count == other.containerPort;
        }

        /** Its ports one by one. */
        public Stream<PublishedPort> each() {
            return IntStream.range(0, count)
                    .mapToObj(n -> new PublishedPort(protocol, hostIp, hostPort + n, containerPort + n));
        }
    }
}
