package dev.gantry.agent.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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

    private static final int FIXED_PART = 4;
    private static final int NESTED = 0x8000;
    private static final int TUPLE_ORIGINAL = 1;
    private static final int TUPLE_IP = 1;
    private static final int TUPLE_PROTOCOL = 2;
    private static final int PROTOCOL_NUMBER = 1;
    private static final int PROTOCOL_DESTINATION_PORT = 3;
    private static final int UDP = 17;
    private static final int MOST_AT_ONCE = 1024;
    private static final int MOST_LOOKS = 64;

    private enum Family {
        V4(2, 2),
        V6(10, 4);

        /** {@code AF_*} of sys/socket.h. */
        private final int number;

        /** {@code CTA_IP_*_DST}. */
        private final int destination;

        Family(int number, int destination) {
            this.number = number;
            this.destination = destination;
        }
    }

    private final Netlink netlink;

    private ConnectionTracking(Netlink netlink) {
        this.netlink = netlink;
    }

    /** For the calling thread's network namespace. */
    public static ConnectionTracking open() throws IOException {
        return new ConnectionTracking(Netlink.open(NETLINK_NETFILTER));
    }

    /**
     * Forgets UDP connections by what their first datagram was sent to. The kernel may know hundreds of thousands: no more of
     * them is held than a part of those that are to be forgotten, and the rest is found by the next look.
     *
     * @return how many there were
     */
    public int forgetUdp(Set<Integer> ports, Predicate<InetAddress> destination) throws IOException {
        int forgotten = 0;
        for (Family family : Family.values()) {
            for (int looks = 0, found = MOST_AT_ONCE; looks < MOST_LOOKS && found == MOST_AT_ONCE; looks++) {
                List<byte[]> tuples = find(family, ports, destination);
                found = tuples.size();
                for (byte[] tuple : tuples) {
                    forgotten += forget(family, tuple) ? 1 : 0;
                }
            }
        }
        return forgotten;
    }

    private List<byte[]> find(Family family, Set<Integer> ports, Predicate<InetAddress> destination)
            throws IOException {
        List<byte[]> found = new ArrayList<>();
        netlink.query(message(family, "list connections", GET, Netlink.ROOT_AND_MATCH), entry -> {
            ByteBuffer tuple = entry.attributes(FIXED_PART).get(TUPLE_ORIGINAL);
            if (tuple != null && found.size() < MOST_AT_ONCE && isUdpTo(family, tuple, ports, destination)) {
                found.add(bytes(tuple));
            }
        });
        return found;
    }

    private static boolean isUdpTo(
            Family family, ByteBuffer tuple, Set<Integer> ports, Predicate<InetAddress> destination) {
        Map<Integer, ByteBuffer> parts = NetlinkMessage.Received.attributes(tuple);
        if (!parts.containsKey(TUPLE_IP) || !parts.containsKey(TUPLE_PROTOCOL)) {
            return false;
        }
        Map<Integer, ByteBuffer> protocol = NetlinkMessage.Received.attributes(parts.get(TUPLE_PROTOCOL));
        ByteBuffer number = protocol.get(PROTOCOL_NUMBER);
        ByteBuffer port = protocol.get(PROTOCOL_DESTINATION_PORT);
        ByteBuffer address =
                NetlinkMessage.Received.attributes(parts.get(TUPLE_IP)).get(family.destination);
        return number != null
                && number.get(0) == UDP
                && port != null
                && ports.contains((port.get(0) & 0xff) << 8 | port.get(1) & 0xff)
                && address != null
                && destination.test(address(bytes(address)));
    }

    /** False when it ended by itself meanwhile. */
    private boolean forget(Family family, byte[] tuple) throws IOException {
        try {
            netlink.execute(message(family, "forget connection", DELETE, 0).attribute(TUPLE_ORIGINAL | NESTED, tuple));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    private static NetlinkMessage message(Family family, String name, int type, int flags) {
        return new NetlinkMessage(name, type, flags)
                .putByte(family.number)
                .putByte(0)
                .putShort(0);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
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
