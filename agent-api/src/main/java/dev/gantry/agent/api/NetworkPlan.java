package dev.gantry.agent.api;

import java.util.List;
import java.util.Map;
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
 * @param linked what the container is linked to where nobody has a name
 */
public record NetworkPlan(Kind kind, String container, List<Endpoint> endpoints, List<Linked> linked) {
    public NetworkPlan {
        endpoints = endpoints == null ? List.of() : List.copyOf(endpoints);
        linked = linked == null ? List.of() : List.copyOf(linked);
    }

    public NetworkPlan(Kind kind, String container, List<Endpoint> endpoints) {
        this(kind, container, endpoints, List.of());
    }

    public NetworkPlan withLinked(List<Linked> other) {
        return new NetworkPlan(kind, container, endpoints, other);
    }

    /** Whether the container has a network namespace of its own. */
    public boolean hasOwnNamespace() {
        return kind == Kind.NONE || kind == Kind.NETWORKS;
    }

    /** Whether it has a name on any network, and thus a name server. */
    public boolean hasNames() {
        return endpoints.stream().anyMatch(endpoint -> !endpoint.names().isEmpty());
    }

    /** The endpoint that everything goes to over IPv4 which is not on a network of the container. */
    public Optional<Endpoint> gateway() {
        return endpoints.stream().filter(Endpoint::defaultRoute).findFirst();
    }

    /** The same for IPv6. */
    public Optional<Endpoint> ipv6Gateway() {
        return endpoints.stream()
                .filter(endpoint -> endpoint.ipv6() != null && endpoint.ipv6().defaultRoute())
                .findFirst();
    }

    /** Whether anything leads beyond the networks of the container. */
    public boolean hasWayOut() {
        return gateway().isPresent() || ipv6Gateway().isPresent();
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
     * @param address IPv4 address in CIDR form, such as {@code 172.18.0.2/16}; empty where the network has none
     * @param gateway IPv4 address of the next router; the default route when {@code defaultRoute}, by the interface alone
     *     when it is empty
     * @param ipv6 null where the network has none
     * @param linkLocal further addresses of either family that mean something on this network only, in CIDR form
     * @param macAddress colon-separated
     * @param names what others on the network call the container; the first is the one that its address is called by.
     *     Empty on networks where nobody has a name
     * @param links what only this container calls others on the network, to the name by which they are called there
     */
    public record Endpoint(
            String endpointId,
            Network network,
            String interfaceName,
            String address,
            String gateway,
            String macAddress,
            boolean defaultRoute,
            Ipv6 ipv6,
            List<String> linkLocal,
            List<String> names,
            Map<String, String> links,
            List<PublishedPort> ports) {
        public Endpoint {
            linkLocal = linkLocal == null ? List.of() : List.copyOf(linkLocal);
            names = names == null ? List.of() : List.copyOf(names);
            links = links == null ? Map.of() : Map.copyOf(links);
            ports = ports == null ? List.of() : List.copyOf(ports);
        }

        /** Those of both families in CIDR form, IPv4 first, without link-local ones. */
        public List<String> addresses() {
            return Stream.of(address, ipv6 == null ? "" : ipv6.address())
                    .filter(cidr -> !cidr.isEmpty())
                    .toList();
        }

        /** The same without the prefix. */
        public List<String> hostAddresses() {
            return addresses().stream()
                    .map(cidr -> cidr.substring(0, cidr.indexOf('/')))
                    .toList();
        }

        /** Whether the other one differs in nothing but names, links, ports and the default route, which can change while it is used. */
        public boolean isSameInterface(Endpoint other) {
            return endpointId.equals(other.endpointId)
                    && network.id().equals(other.network.id())
                    && interfaceName.equals(other.interfaceName)
                    && address.equals(other.address)
                    && gateway.equals(other.gateway)
                    && isSame(ipv6, other.ipv6)
                    && linkLocal.equals(other.linkLocal)
                    && macAddress.equals(other.macAddress);
        }

        private static boolean isSame(Ipv6 one, Ipv6 other) {
            return one == null || other == null
                    ? one == other
                    : one.address().equals(other.address()) && one.gateway().equals(other.gateway());
        }
    }

    /**
     * The IPv6 part of an endpoint.
     *
     * @param address in CIDR form
     * @param gateway of the next router; the default route when {@code defaultRoute}
     */
    public record Ipv6(String address, String gateway, boolean defaultRoute) {}

    /**
     * Another container that this one knows by its files and variables alone.
     *
     * @param names for {@code /etc/hosts}, in their order there
     * @param environment as {@code NAME=value}
     */
    public record Linked(String address, List<String> names, List<String> environment) {
        public Linked {
            names = List.copyOf(names);
            environment = List.copyOf(environment);
        }
    }

    /**
     * A network that the host was told of.
     *
     * @param version the state that the endpoint needs; a later one will do
     * @param name which may stand behind a container's name as its domain
     * @param host address by which containers reach their host, where that is not their router's; else empty
     * @param internal it is the last among several on which somebody has a name
     */
    public record Network(String id, long version, String name, String host, boolean internal) {
        public Network {
            host = host == null ? "" : host;
        }

        public Network(String id, long version, String name) {
            this(id, version, name, "", false);
        }
    }

    /**
     * A published port, or a run of them: {@code hostPort + n} leads to {@code containerPort + n}.
     *
     * @param protocol {@code tcp}, {@code udp} or {@code sctp}
     * @param hostIp address to publish on; {@code 0.0.0.0} for all
     * @param hostPort 1 to 65535; 0 for none: the port is open at the container's own address
     * @param count of ports in the run, at least 1
     */
    public record PublishedPort(String protocol, String hostIp, int hostPort, int containerPort, int count) {
        public PublishedPort {
            count = Math.max(1, count);
        }

        public PublishedPort(String protocol, String hostIp, int hostPort, int containerPort) {
            this(protocol, hostIp, hostPort, containerPort, 1);
        }

        /** Whether it is published on an IPv6 address. */
        public boolean isIpv6() {
            return hostIp.indexOf(':') >= 0;
        }

        public PublishedPort withCount(int other) {
            return new PublishedPort(protocol, hostIp, hostPort, containerPort, other);
        }

        /** Whether the other one continues this run. */
        public boolean isFollowedBy(PublishedPort other) {
            return protocol.equals(other.protocol)
                    && hostIp.equals(other.hostIp)
                    && (isOpenOnly() ? other.isOpenOnly() : hostPort + count == other.hostPort)
                    && containerPort + count == other.containerPort;
        }

        /** Whether it takes no port of the host. */
        public boolean isOpenOnly() {
            return hostPort == 0;
        }

        /** Its ports one by one. */
        public Stream<PublishedPort> each() {
            return IntStream.range(0, count)
                    .mapToObj(n ->
                            new PublishedPort(protocol, hostIp, isOpenOnly() ? 0 : hostPort + n, containerPort + n));
        }
    }
}
