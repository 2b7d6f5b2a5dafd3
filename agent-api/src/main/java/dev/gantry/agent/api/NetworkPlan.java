package dev.gantry.agent.api;

import java.util.List;

/**
 * How one container is attached, decided by network-service and carried out by the agent as part of a start. The
 * agent creates what is missing (bridge, rules) and keeps the plan on disk for restarts.
 *
 * @param kind {@code NONE}: a namespace with only a loopback; {@code HOST}: the host's namespace; {@code CONTAINER}:
 *     the namespace of {@code container}; {@code NETWORKS}: a namespace with the endpoints
 * @param container id of the container whose namespace is joined; empty otherwise
 */
public record NetworkPlan(Kind kind, String container, List<Endpoint> endpoints) {
    public enum Kind {
        NONE,
        HOST,
        CONTAINER,
        NETWORKS
    }

    /**
     * One attachment to a bridge.
     *
     * @param interfaceName name inside the container, such as {@code eth0}
     * @param address IPv4 address in CIDR form, such as {@code 172.18.0.2/16}
     * @param gateway IPv4 address of the bridge; the default route when {@code defaultRoute}
     * @param macAddress colon-separated
     * @param aliases names for the container's {@code /etc/hosts}
     */
    public record Endpoint(
            String endpointId,
            Bridge bridge,
            String interfaceName,
            String address,
            String gateway,
            String macAddress,
            boolean defaultRoute,
            List<String> aliases,
            List<PublishedPort> ports) {}

    /**
     * A bridge on the host.
     *
     * @param name interface name, at most 15 characters
     * @param subnet CIDR; {@code gateway} is the bridge's own address in it
     * @param mtu bytes
     * @param masquerade outbound traffic takes the host's address
     * @param icc containers on it may talk to each other
     */
    public record Bridge(
            String networkId, String name, String subnet, String gateway, int mtu, boolean masquerade, boolean icc) {}

    /**
     * @param protocol {@code tcp}, {@code udp} or {@code sctp}
     * @param hostIp address to publish on; {@code 0.0.0.0} for all
     * @param hostPort 1 to 65535
     */
    public record PublishedPort(String protocol, String hostIp, int hostPort, int containerPort) {}
}
