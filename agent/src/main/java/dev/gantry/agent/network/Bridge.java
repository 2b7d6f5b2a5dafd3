package dev.gantry.agent.network;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkState;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;

/**
 * A network as a bridge of this host, checked: its fields become names of interfaces and part of nft's language.
 *
 * @param name of the interface
 * @param addresses the bridge's own, at most one of each family, each with the prefix of its subnet
 * @param internal nothing is forwarded between it and other interfaces
 * @param standing stays when nothing is on it
 */
record Bridge(
        String networkId,
        String name,
        List<Cidr> addresses,
        int mtu,
        boolean masquerade,
        boolean icc,
        boolean internal,
        boolean standing) {
    private static final int LEAST_MTU = 68;
    private static final int MOST_MTU = 65_535;

    /**
     * @throws AgentFailure BAD_REQUEST for what no host could make, NOT_SUPPORTED for what this one cannot, both in words
     */
    static Bridge of(NetworkState state) {
        require(state.id() != null && state.id().matches("[0-9a-f]{64}"), "a network's id is 64 hexadecimal digits");
        require(state.version() > 0, "versions of a network begin with 1");
        require(state.link() != null && state.subnets() != null, "a network has a link and subnets");
        require(state.peers() != null && state.names() != null, "a network has lists of peers and names");
        supports(state.peers().isEmpty(), "this host cannot stretch a network over to other hosts");
        supports(state.names().isEmpty(), "this host answers for containers of its own only");
        List<Cidr> addresses = state.subnets().stream().map(Bridge::address).toList();
        long families = addresses.stream()
                .mapToInt(address -> address.bytes().length)
                .distinct()
                .count();
        supports(
                families == addresses.size() && families > 0,
                "a bridge of this host has one subnet, or one of each family");
        return switch (state.link()) {
            case NetworkState.Bridge link -> of(state.id(), link, addresses);
        };
    }

    private static Bridge of(String id, NetworkState.Bridge link, List<Cidr> addresses) {
        require(
                link.name() != null && link.name().matches("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,14}"),
                "not an interface name: " + link.name());
        require(link.mtu() >= LEAST_MTU && link.mtu() <= MOST_MTU, "not an MTU: " + link.mtu());
        return new Bridge(
                id,
                link.name(),
                addresses,
                link.mtu(),
                link.masquerade(),
                link.icc(),
                link.internal(),
                link.standing());
    }

    boolean hasIpv6() {
        return addresses.stream().anyMatch(Cidr::isIpv6);
    }

    /** Locally administered, and always the same, as Docker makes them from an IPv4 address. */
    String macAddress() {
        byte[] varying = addresses.stream()
                .filter(address -> !address.isIpv6())
                .findFirst()
                .map(Cidr::bytes)
                .orElseGet(() -> HexFormat.of().parseHex(networkId.substring(0, 8)));
        return "02:42:" + HexFormat.ofDelimiter(":").formatHex(varying);
    }

    /** Whether containers that are attached to the one are attached to the other in the same way. */
    boolean isSamePlace(Bridge other) {
        return name.equals(other.name) && addresses.equals(other.addresses);
    }

    private static Cidr address(NetworkState.Subnet subnet) {
        Cidr range = range(subnet.subnet());
        require(isInside(range, subnet.gateway()), "the gateway is no address in the subnet");
        return new Cidr(InetAddress.ofLiteral(subnet.gateway()), range.prefix());
    }

    private static Cidr range(String text) {
        try {
            return Cidr.parse(String.valueOf(text)).network();
        } catch (IllegalArgumentException e) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "not a subnet: " + text);
        }
    }

    private static boolean isInside(Cidr range, String address) {
        try {
            Cidr own = new Cidr(InetAddress.ofLiteral(String.valueOf(address)), range.prefix());
            return own.bytes().length == range.bytes().length && own.network().equals(range);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void require(boolean condition, String objection) {
        if (!condition) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, objection);
        }
    }

    private static void supports(boolean condition, String objection) {
        if (!condition) {
            throw new AgentFailure(AgentFailure.Code.NOT_SUPPORTED, objection);
        }
    }
}
