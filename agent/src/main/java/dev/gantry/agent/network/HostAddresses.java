package dev.gantry.agent.network;

import dev.gantry.agent.linux.Netlink;
import dev.gantry.agent.linux.NetlinkMessage;
import dev.gantry.agent.linux.NetlinkMessage.Received;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The addresses and routes of this host, read from the kernel. */
final class HostAddresses {
    private static final int NEW_ADDRESS = 20;
    private static final int GET_ADDRESS = 22;
    private static final int NEW_ROUTE = 24;
    private static final int GET_ROUTE = 26;
    private static final int ADDRESS_HEADER = 8;
    private static final int ROUTE_HEADER = 12;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int ROUTE_DESTINATION = 1;
    private static final int ROUTE_OUT = 4;
    private static final int ROUTE_LOCAL = 2;
    private static final int ROUTE_UNICAST = 1;

    private final Netlink netlink;

    HostAddresses(Netlink netlink) {
        this.netlink = netlink;
    }

    /** An address of an interface. */
    record Assigned(int link, Cidr cidr) {}

    List<Assigned> assigned() throws IOException {
        List<Assigned> found = new ArrayList<>();
        NetlinkMessage request = new NetlinkMessage("list addresses", GET_ADDRESS, Netlink.ROOT_AND_MATCH)
                .putInt(0)
                .putInt(0);
        for (Received message : netlink.query(request)) {
            if (message.type() == NEW_ADDRESS) {
                Map<Integer, ByteBuffer> attributes = message.attributes(ADDRESS_HEADER);
                ByteBuffer address = attributes.getOrDefault(IFA_LOCAL, attributes.get(IFA_ADDRESS));
                int prefix = message.payload().get(1) & 0xff;
                found.add(new Assigned(message.payload().getInt(4), Cidr.of(bytes(address), prefix)));
            }
        }
        return found;
    }

    /** Networks that addresses and routes name, in CIDR form, without those of the interfaces in {@code ours}. */
    List<String> inUse(Set<Integer> ours) throws IOException {
        Set<String> found = new TreeSet<>();
        for (Assigned assigned : assigned()) {
            if (!ours.contains(assigned.link())) {
                found.add(assigned.cidr().toString());
            }
        }
        NetlinkMessage request = new NetlinkMessage("list routes", GET_ROUTE, Netlink.ROOT_AND_MATCH)
                .putInt(0)
                .putInt(0)
                .putInt(0);
        for (Received message : netlink.query(request)) {
            int kind = message.payload().get(7) & 0xff;
            int prefix = message.payload().get(1) & 0xff;
            Map<Integer, ByteBuffer> attributes = message.attributes(ROUTE_HEADER);
            ByteBuffer destination = attributes.get(ROUTE_DESTINATION);
            ByteBuffer out = attributes.get(ROUTE_OUT);
            boolean ordinary = kind == ROUTE_UNICAST || kind == ROUTE_LOCAL;
            boolean foreign = out == null || !ours.contains(out.getInt(0));
            if (message.type() == NEW_ROUTE && ordinary && prefix > 0 && destination != null && foreign) {
                found.add(Cidr.of(bytes(destination), prefix).toString());
            }
        }
        return List.copyOf(found);
    }

    /** The host's own IPv4 addresses, without prefix. */
    List<String> own() throws IOException {
        return assigned().stream()
                .map(assigned -> assigned.cidr().address())
                .filter(Inet4Address.class::isInstance)
                .map(address -> address.getHostAddress())
                .distinct()
                .toList();
    }

    private static byte[] bytes(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.get(value.position(), bytes);
        return bytes;
    }
}
