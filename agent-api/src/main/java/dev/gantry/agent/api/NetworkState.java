package dev.gantry.agent.api;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/**
 * All that a host must know of one network, decided by network-service: the body of {@code PUT /networks/{id}}. It is the
 * whole state each time. The host keeps it on disk, and makes from it what is missing (link, rules).
 *
 * @param id 64 lower-case hex digits
 * @param version grows with every change; a host that has a later one drops this
 * @param subnets in which this host has an address of its own: at most one of each family
 * @param peers the other hosts that the network reaches over to; empty while it is on this one only
 * @param names what the network's name server answers; empty where it has none
 */
public record NetworkState(
        String id, long version, Link link, List<Subnet> subnets, List<Peer> peers, List<Name> names) {

    /** What the network is on a host; each kind has fields of its own. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Bridge.class, name = "bridge"),
        @JsonSubTypes.Type(value = Parent.class, name = "parent")
    })
    public sealed interface Link {}

    /**
     * @param name of the interface, at most 15 characters
     * @param mtu bytes
     * @param masquerade outbound traffic takes the host's address
     * @param icc containers on it may talk to each other
     * @param internal nothing passes between it and elsewhere but the host itself
     * @param standing it stays when nothing is on it; any other is made when it is needed and taken away some time later
     */
    public record Bridge(String name, int mtu, boolean masquerade, boolean icc, boolean internal, boolean standing)
            implements Link {}

    /**
     * An interface of the host, which each container shares by one of its own: the host has no address there.
     *
     * @param name of the interface, at most 15 characters; {@code eth0.10} is made as the VLAN 10 of {@code eth0} if it is
     *     not there
     * @param dummy the interface leads nowhere, and is made for the network
     * @param driver {@code macvlan} or {@code ipvlan}
     * @param mode {@code bridge}, {@code vepa}, {@code passthru}, {@code private} for macvlan; {@code l2}, {@code l3},
     *     {@code l3s} for ipvlan
     * @param flag {@code bridge}, {@code private}, {@code vepa} for ipvlan; empty for macvlan
     * @param mtu bytes; 0 for that of the interface
     */
    public record Parent(String name, boolean dummy, String driver, String mode, String flag, int mtu)
            implements Link {}

    /**
     * @param subnet in CIDR form
     * @param gateway the host's own address in it
     * @param mode how what is beyond it is reached; null for {@code NAT}
     */
    public record Subnet(String subnet, String gateway, Mode mode) {
        public Subnet {
            mode = mode == null ? Mode.NAT : mode;
        }

        public Subnet(String subnet, String gateway) {
            this(subnet, gateway, Mode.NAT);
        }
    }

    /** Docker's gateway modes. */
    public enum Mode {
        /** With the host's addresses, and containers by ports of the host. */
        NAT,
        /** With the containers' own addresses: others have routes to them. Ports that are published are open, others closed. */
        ROUTED,
        /** Not at all: the host itself has no address there. */
        ISOLATED
    }

    /** @param address where the other host is reached */
    public record Peer(String hostId, String address) {}

    /** @param addresses of both families, without prefix */
    public record Name(String name, List<String> addresses) {}

    /**
     * Answer to a put.
     *
     * @param version the one that the host has now: later than the one that was put, if that was late
     */
    public record Kept(long version) {}
}
