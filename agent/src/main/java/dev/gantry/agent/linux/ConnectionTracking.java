package dev.gantry.agent.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The kernel's memory of connections, over netfilter's netlink (linux/netfilter/nfnetlink_conntrack.h). Address
 * translation is decided by a connection's first packet: a UDP client that goes on sending from one socket stays with
 * what its first datagram met, until the connection is forgotten.
 */
public final class ConnectionTracking implements AutoCloseable {
    private static final int NETLINK_NETFILTER = 12;
    private static final int SUBSYSTEM = 1 << 8;
    private static final int GET = SUBSYSTEM | 1;
    private static final int DELETE = SUBSYSTEM | 2;

    private static final int IPV4 = 2;
    private static final int FIXED_PART = 4;
    private static final int NESTED = 0x8000;
    private static final int TUPLE_ORIGINAL = 1;
    private static final int TUPLE_IP = 1;
    private static final int TUPLE_PROTOCOL = 2;
    private static final int IP_V4_DESTINATION = 2;
    private static final int PROTOCOL_NUMBER = 1;
    private static final int PROTOCOL_DESTINATION_PORT = 3;
    private static final int UDP = 17;

    private final Netlink netlink;

    private ConnectionTracking(Netlink netlink) {
        this.netlink = netlink;
    }

    /** For the calling thread's network namespace. */
    public static ConnectionTracking open() throws IOException {
        return new ConnectionTracking(Netlink.open(NETLINK_NETFILTER));
    }

    /**
     * Forgets IPv4 UDP connections by what their first datagram was sent to.
     *
     * @return how many there were
     */
    public int forgetUdp(Set<Integer> ports, Predicate<InetAddress> destination) throws IOException {
        int forgotten = 0;
        for (NetlinkMessage.Received entry : netlink.query(message("list connections", GET, Netlink.ROOT_AND_MATCH))) {
            ByteBuffer tuple = entry.attributes(FIXED_PART).get(TUPLE_ORIGINAL);
            if (tuple != null && isUdpTo(tuple, ports, destination)) {
                forgotten += forget(tuple) ? 1 : 0;
            }
        }
        return forgotten;
    }

    private static boolean isUdpTo(ByteBuffer tuple, Set<Integer> ports, Predicate<InetAddress> destination)
            throws IOException {
        Map<Integer, ByteBuffer> parts = NetlinkMessage.Received.attributes(tuple);
        if (!parts.containsKey(TUPLE_IP) || !parts.containsKey(TUPLE_PROTOCOL)) {
            return false;
        }
        Map<Integer, ByteBuffer> protocol = NetlinkMessage.Received.attributes(parts.get(TUPLE_PROTOCOL));
        ByteBuffer number = protocol.get(PROTOCOL_NUMBER);
        ByteBuffer port = protocol.get(PROTOCOL_DESTINATION_PORT);
        ByteBuffer address =
                NetlinkMessage.Received.attributes(parts.get(TUPLE_IP)).get(IP_V4_DESTINATION);
        return number != null
                && number.get(0) == UDP
                && port != null
                && ports.contains((port.get(0) & 0xff) << 8 | port.get(1) & 0xff)
                && address != null
                && destination.test(InetAddress.getByAddress(bytes(address)));
    }

    /** False when it ended by itself meanwhile. */
    private boolean forget(ByteBuffer tuple) throws IOException {
        try {
            netlink.execute(message("forget connection", DELETE, 0).attribute(TUPLE_ORIGINAL | NESTED, bytes(tuple)));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    private static NetlinkMessage message(String name, int type, int flags) {
        return new NetlinkMessage(name, type, flags).putByte(IPV4).putByte(0).putShort(0);
    }

    private static byte[] bytes(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.get(value.position(), bytes);
        return bytes;
    }

    @Override
    public void close() {
        netlink.close();
    }
}
