package dev.gantry.agent.network;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkState;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;

/**
 * A network as a bridge of this host.
 *
 * @param name of the interface
 * @param addresses the bridge's own, at most one of each family, each with the prefix of its subnet
 * @param routed those of them in whose subnets containers are reached by their own addresses
 * @param internal nothing is forwarded between it and other interfaces
 * @param standing stays when nothing is on it
 */
record Bridge(
        String networkId,
        String name,
        List<Cidr> addresses,
        List<Cidr> routed,
        int mtu,
        boolean masquerade,
        boolean icc,
        boolean internal,
        boolean standing)
        implements Place {
    private static final int LEAST_MTU = 68;
    private static final int MOST_MTU = 65_535;

    static Bridge of(String id, NetworkState.Bridge link, List<NetworkState.Subnet> subnets) {
        List<Cidr> all = subnets.stream().map(Bridge::address).toList();
        long families = all.stream().map(Cidr::isIpv6).distinct().count();
        Place.supports(
                families == all.size() && families > 0, "a bridge of this host has one subnet, or one of each family");
        Place.require(link.mtu() >= LEAST_MTU && link.mtu() <= MOST_MTU, "not an MTU: " + link.mtu());
        return new Bridge(
                id,
                Place.checkedName(link.name()),
                with(subnets, mode -> mode != NetworkState.Mode.ISOLATED),
                with(subnets, mode -> mode == NetworkState.Mode.ROUTED),
                link.mtu(),
                link.masquerade(),
                link.icc(),
                link.internal(),
                link.standing());
    }

    private static List<Cidr> with(List<NetworkState.Subnet> subnets, Predicate<NetworkState.Mode> wanted) {
        return subnets.stream()
                .filter(subnet -> wanted.test(subnet.mode()))
                .map(Bridge::address)
                .toList();
    }

    /** One whose containers are reached by the host's addresses. */
    Bridge(
            String networkId,
            String name,
            List<Cidr> addresses,
            int mtu,
            boolean masquerade,
            boolean icc,
            boolean internal,
            boolean standing) {
        this(networkId, name, addresses, List.of(), mtu, masquerade, icc, internal, standing);
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

    @Override
    public boolean isSamePlace(Place other) {
        return other instanceof Bridge bridge && name.equals(bridge.name) && addresses.equals(bridge.addresses);
    }

    private static Cidr address(NetworkState.Subnet subnet) {
        Cidr range = range(subnet.subnet());
        Place.require(isInside(range, subnet.gateway()), "the gateway is no address in the subnet");
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
}
