package dev.gantry.agent.network;

import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Netlink;
import dev.gantry.agent.linux.NetlinkMessage;
import dev.gantry.agent.linux.NetlinkMessage.Received;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Requests about the interfaces of one network namespace (rtnetlink(7)); numbers are from {@code linux/if_link.h},
 * {@code linux/if_addr.h} and {@code linux/rtnetlink.h}.
 */
final class Links {
    static final int LOOPBACK_INDEX = 1;

    private static final int NEW_LINK = 16;
    private static final int DELETE_LINK = 17;
    private static final int GET_LINK = 18;
    private static final int NEW_ADDRESS = 20;
    private static final int DELETE_ADDRESS = 21;
    private static final int NEW_ROUTE = 24;

    /** The group of interfaces (ip-link(8)) of ports that frames leave, and come in by, only if vouched for. */
    static final int CLOSED_GROUP = 0x4700_0000;

    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_IFALIAS = 20;
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_GROUP = 27;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int INFO_KIND = 1;
    private static final int INFO_DATA = 2;
    private static final int INFO_SLAVE_KIND = 4;
    private static final int INFO_SLAVE_DATA = 5;
    private static final int VETH_PEER = 1;
    private static final int VLAN_ID = 1;
    private static final int MACVLAN_MODE = 1;
    private static final int IPVLAN_MODE = 1;
    private static final int IPVLAN_FLAGS = 2;
    private static final int BRIDGE_PORT_STATE = 1;
    private static final int BRIDGE_PORT_HAIRPIN = 4;
    private static final int INET6_ADDRESS_MODE = 8;
    private static final int ADDRESS_MODE_NONE = 1;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_BROADCAST = 4;

    /** Nobody else has an address that we gave: it is of use at once. */
    private static final int IFA_F_NODAD = 2;

    private static final int SCOPE_UNIVERSE = 0;
    private static final int SCOPE_LINK = 253;
    private static final int ROUTE_OUT = 4;
    private static final int ROUTE_GATEWAY = 5;

    private static final int AF_UNSPEC = 0;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IFF_UP = 1;
    private static final int LINK_HEADER = 16;

    /** Bytes, IFNAMSIZ of linux/if.h without the end. */
    private static final int LONGEST_NAME = 15;

    private final Netlink netlink;

    Links(Netlink netlink) {
        this.netlink = netlink;
    }

    /**
     * An interface.
     *
     * @param kind {@code bridge}, {@code veth}, ... or empty for a device of the machine
     * @param alias free text that its maker left, or empty
     * @param master index of the bridge it is in, or 0
     */
    record Link(int index, String name, String kind, String alias, int master) {}

    /** One end of a veth pair as it is to be inside a container. */
    record Peer(int namespaceFd, String name, String macAddress) {}

    List<Link> list() throws IOException {
        return netlink.query(link("list interfaces", GET_LINK, Netlink.ROOT_AND_MATCH, 0, 0, 0)).stream()
                .filter(message -> message.type() == NEW_LINK)
                .map(Links::parse)
                .toList();
    }

    Optional<Link> find(String name) throws IOException {
        if (name.length() > LONGEST_NAME) {
            return Optional.empty();
        }
        try {
            // The kernel takes another name of an interface for it too.
            return netlink.query(link("find " + name, GET_LINK, 0, 0, 0, 0).attribute(IFLA_IFNAME, name)).stream()
                    .map(Links::parse)
                    .filter(link -> link.name().equals(name))
                    .findFirst();
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENODEV) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Makes a bridge that is not up and has no address; its MAC stays as ports come and go. */
    void createBridge(String name, String alias, String macAddress, int mtu) throws IOException {
        create(
                link("create bridge " + name, NEW_LINK, Netlink.CREATE | Netlink.EXCLUSIVE, 0, 0, 0)
                        .attribute(IFLA_IFNAME, name)
                        .attribute(IFLA_MTU, mtu)
                        .attribute(IFLA_ADDRESS, mac(macAddress))
                        .nested(IFLA_LINKINFO, info -> info.attribute(INFO_KIND, "bridge")),
                name,
                alias);
    }

    /**
     * Makes a veth pair with one end in {@code bridge}, up, and the other one, not yet up, in another namespace.
     *
     * @param closed whether members of the bridge do not reach each other: it is in {@link #CLOSED_GROUP}
     * @param hairpin whether packets may leave by the port that they came in by: with br_netfilter a container that uses
     *     its own published port needs it
     */
    void createVeth(String name, String alias, int bridge, int mtu, boolean closed, boolean hairpin, Peer peer)
            throws IOException {
        netlink.execute(
                link("create " + name, NEW_LINK, Netlink.CREATE | Netlink.EXCLUSIVE, 0, 0, 0)
                        .attribute(IFLA_IFNAME, name)
                        .attribute(IFLA_MTU, mtu)
                        .nested(IFLA_LINKINFO, info -> info.attribute(INFO_KIND, "veth")
                                .nested(
                                        INFO_DATA,
                                        data -> data.nested(VETH_PEER, end -> linkHeader(end, 0, 0, 0)
                                                .attribute(IFLA_IFNAME, peer.name())
                                                .attribute(IFLA_MTU, mtu)
                                                .attribute(IFLA_ADDRESS, mac(peer.macAddress()))
                                                .attribute(IFLA_NET_NS_FD, peer.namespaceFd())))),
                // No IPv6 address: the port belongs to the bridge, and duplicate address detection costs time.
                link("attach " + name, NEW_LINK, 0, 0, IFF_UP, IFF_UP)
                        .attribute(IFLA_IFNAME, name)
                        .attribute(IFLA_IFALIAS, alias)
                        .attribute(IFLA_MASTER, bridge)
                        .attribute(IFLA_GROUP, closed ? CLOSED_GROUP : 0)
                        .nested(
                                IFLA_AF_SPEC,
                                families -> families.nested(
                                        AF_INET6, inet6 -> inet6.byteAttribute(INET6_ADDRESS_MODE, ADDRESS_MODE_NONE))),
                bridgePort(name, port -> port.byteAttribute(BRIDGE_PORT_HAIRPIN, hairpin ? 1 : 0)));
    }

    /** Makes an interface, not yet up, in another namespace, that shares the one of the host with that index. */
    void createChild(Parent parent, int parentIndex, Peer peer) throws IOException {
        NetlinkMessage message = link("create " + peer.name(), NEW_LINK, Netlink.CREATE | Netlink.EXCLUSIVE, 0, 0, 0)
                .attribute(IFLA_IFNAME, peer.name())
                .attribute(IFLA_LINK, parentIndex)
                .attribute(IFLA_NET_NS_FD, peer.namespaceFd());
        if (parent.mtu() != 0) {
            message.attribute(IFLA_MTU, parent.mtu());
        }
        if (parent.kind() == Parent.Kind.MACVLAN) {
            message.attribute(IFLA_ADDRESS, mac(peer.macAddress()));
        }
        netlink.execute(message.nested(
                IFLA_LINKINFO,
                info -> info.attribute(INFO_KIND, parent.kind().word()).nested(INFO_DATA, data -> {
                    switch (parent.kind()) {
                        case MACVLAN -> data.attribute(MACVLAN_MODE, parent.mode());
                        case IPVLAN ->
                            data.shortAttribute(IPVLAN_MODE, parent.mode()).shortAttribute(IPVLAN_FLAGS, parent.flag());
                    }
                })));
    }

    /** Makes an interface that leads nowhere, and is up. */
    void createDummy(String name, String alias) throws IOException {
        create(
                link("create " + name, NEW_LINK, Netlink.CREATE | Netlink.EXCLUSIVE, 0, 0, 0)
                        .attribute(IFLA_IFNAME, name)
                        .nested(IFLA_LINKINFO, info -> info.attribute(INFO_KIND, "dummy")),
                name,
                alias);
        up(indexOf(name));
    }

    /** Makes a VLAN of the interface with that index, and enables it. */
    void createVlan(String name, String alias, int parentIndex, int vlan) throws IOException {
        create(
                link("create " + name, NEW_LINK, Netlink.CREATE | Netlink.EXCLUSIVE, 0, 0, 0)
                        .attribute(IFLA_IFNAME, name)
                        .attribute(IFLA_LINK, parentIndex)
                        .nested(IFLA_LINKINFO, info -> info.attribute(INFO_KIND, "vlan")
                                .nested(INFO_DATA, data -> data.shortAttribute(VLAN_ID, vlan))),
                name,
                alias);
        up(indexOf(name));
    }

    /** In one call: of what a kill leaves there must be known whose it is. */
    private void create(NetlinkMessage message, String name, String alias) throws IOException {
        netlink.execute(
                message,
                link("name owner of " + name, NEW_LINK, 0, 0, 0, 0)
                        .attribute(IFLA_IFNAME, name)
                        .attribute(IFLA_IFALIAS, alias));
    }

    /** Says whose an interface is. */
    void alias(String name, String alias) throws IOException {
        netlink.execute(
                link("name owner of " + name, NEW_LINK, 0, indexOf(name), 0, 0).attribute(IFLA_IFALIAS, alias));
    }

    /** Takes a bridge's port out of use at once; deleting it takes longer. */
    void disablePort(String name) throws IOException {
        netlink.execute(bridgePort(name, port -> port.byteAttribute(BRIDGE_PORT_STATE, 0)));
    }

    void delete(String name) throws IOException {
        netlink.execute(link("delete " + name, DELETE_LINK, 0, 0, 0, 0).attribute(IFLA_IFNAME, name));
    }

    void up(int index) throws IOException {
        netlink.execute(link("enable interface", NEW_LINK, 0, index, IFF_UP, IFF_UP));
    }

    /** Gives the interface its addresses and enables it. */
    void configure(int index, List<Cidr> addresses) throws IOException {
        List<NetlinkMessage> messages = new ArrayList<>();
        addresses.forEach(address -> messages.add(address("give address", NEW_ADDRESS, index, address)));
        messages.add(link("enable interface", NEW_LINK, 0, index, IFF_UP, IFF_UP));
        netlink.execute(messages.toArray(NetlinkMessage[]::new));
    }

    /** Makes {@code gateway} the default route of its family, instead of any other. */
    void defaultRoute(int index, byte[] gateway) throws IOException {
        netlink.execute(route(index, family(gateway), SCOPE_UNIVERSE).attribute(ROUTE_GATEWAY, gateway));
    }

    /** Leads everything to the interface itself, instead of any other route. */
    void defaultRoute(int index, boolean ipv6) throws IOException {
        netlink.execute(route(index, ipv6 ? AF_INET6 : AF_INET, ipv6 ? SCOPE_UNIVERSE : SCOPE_LINK));
    }

    private static NetlinkMessage route(int index, int family, int scope) {
        return new NetlinkMessage("add default route", NEW_ROUTE, Netlink.CREATE | Netlink.REPLACE)
                .putByte(family)
                .putByte(0) // length of the destination's prefix
                .putByte(0)
                .putByte(0)
                .putByte(254) // table main
                .putByte(3) // protocol boot, as ip(8) says
                .putByte(scope)
                .putByte(1) // unicast
                .putInt(0)
                .attribute(ROUTE_OUT, index);
    }

    void removeAddress(int index, Cidr address) throws IOException {
        netlink.execute(address("take address", DELETE_ADDRESS, index, address));
    }

    void addAddress(int index, Cidr address) throws IOException {
        netlink.execute(address("give address", NEW_ADDRESS, index, address));
    }

    int indexOf(String name) throws IOException {
        return find(name)
                .orElseThrow(() -> new IOException("no interface " + name))
                .index();
    }

    private static NetlinkMessage bridgePort(String name, Consumer<NetlinkMessage> settings) {
        return link("change port " + name, NEW_LINK, 0, 0, 0, 0)
                .attribute(IFLA_IFNAME, name)
                .nested(IFLA_LINKINFO, info -> info.attribute(INFO_SLAVE_KIND, "bridge")
                        .nested(INFO_SLAVE_DATA, settings));
    }

    private static NetlinkMessage link(String what, int type, int requestFlags, int index, int flags, int change) {
        return linkHeader(new NetlinkMessage(what, type, requestFlags), index, flags, change);
    }

    private static NetlinkMessage linkHeader(NetlinkMessage message, int index, int flags, int change) {
        return message.putByte(AF_UNSPEC)
                .putByte(0)
                .putShort(0)
                .putInt(index)
                .putInt(flags)
                .putInt(change);
    }

    private static NetlinkMessage address(String what, int type, int index, Cidr cidr) {
        int flags = type == NEW_ADDRESS ? Netlink.CREATE | Netlink.REPLACE : 0;
        NetlinkMessage message = new NetlinkMessage(what + " " + cidr, type, flags)
                .putByte(family(cidr.bytes()))
                .putByte(cidr.prefix())
                .putByte(cidr.isIpv6() ? IFA_F_NODAD : 0)
                .putByte(cidr.address().isLinkLocalAddress() && cidr.isIpv6() ? SCOPE_LINK : 0)
                .putInt(index)
                .attribute(IFA_LOCAL, cidr.bytes())
                .attribute(IFA_ADDRESS, cidr.bytes());
        return cidr.isIpv6() ? message : message.attribute(IFA_BROADCAST, cidr.broadcast());
    }

    private static int family(byte[] address) {
        return address.length == 4 ? AF_INET : AF_INET6;
    }

    private static byte[] mac(String text) {
        return HexFormat.ofDelimiter(":").parseHex(text.toLowerCase(Locale.ROOT));
    }

    private static Link parse(Received message) {
        Map<Integer, ByteBuffer> attributes = message.attributes(LINK_HEADER);
        ByteBuffer info = attributes.get(IFLA_LINKINFO);
        ByteBuffer kind = info == null ? null : Received.attributes(info).get(INFO_KIND);
        ByteBuffer alias = attributes.get(IFLA_IFALIAS);
        ByteBuffer master = attributes.get(IFLA_MASTER);
        return new Link(
                message.payload().getInt(4),
                Received.text(attributes.get(IFLA_IFNAME)),
                kind == null ? "" : Received.text(kind),
                alias == null ? "" : Received.text(alias),
                master == null ? 0 : master.getInt(0));
    }
}
