package dev.gantry.agent.dns;

import dev.gantry.agent.host.Disk;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Namespaces;
import dev.gantry.agent.linux.Nftables;
import dev.gantry.agent.linux.PinnedNamespaces;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jboss.logging.Logger;

/**
 * Sockets in a container's network namespace. They listen on ports of the kernel's choice, and a rule in the namespace leads
 * port 53 of {@link #ADDRESS} there: a server of the container's own may have port 53 of every address.
 */
final class NameSockets implements Closeable {
    static final InetAddress ADDRESS = InetAddress.ofLiteral("127.0.0.11");

    private static final Logger LOG = Logger.getLogger(NameSockets.class);

    /**
     * Bytes, by the kernel's count some 700 for a question: a quarter of a second of 10,000 in each, for which a busy
     * machine may keep us from reading. The usual 200 KiB are full after 30 ms, and what comes then is lost. The kernel
     * gives no more than net.core.rmem_max says.
     */
    private static final int QUESTIONS_WAITING = 1 << 20;

    private static final String TABLE = "gantry-names";

    private final DatagramChannel datagrams;
    private final ServerSocketChannel streams;

    private NameSockets(DatagramChannel datagrams, ServerSocketChannel streams) {
        this.datagrams = datagrams;
        this.streams = streams;
    }

    /**
     * Opens sockets in a namespace and makes its rule anew.
     *
     * @param namespace a pinned one
     * @param ports a file that gets to know the ports, for {@link #reopen}
     */
    static NameSockets open(Path namespace, Path ports) throws IOException {
        return Namespaces.onThreadOfItsOwn(() -> {
            Nftables rules = null;
            NameSockets sockets = null;
            try {
                Files.deleteIfExists(ports);
                Inside inside = inside(namespace, () -> Inside.open(namespace));
                rules = inside.rules();
                sockets = inside.sockets();
                rules.run(sockets.rule());
                Disk.replace(
                        ports,
                        "%d %d"
                                .formatted(sockets.datagramPort(), sockets.streamPort())
                                .getBytes(StandardCharsets.US_ASCII));
                return sockets;
            } catch (IOException | RuntimeException e) {
                Quietly.close(sockets);
                throw e;
            } finally {
                if (rules != null) {
                    rules.close();
                }
            }
        });
    }

    /**
     * Opens what an earlier process had, with the rule that is there: who was about to ask still has the right port. Where
     * that cannot be, all is as with {@link #open}. Call it by {@link Namespaces#onThreadOfItsOwn}.
     */
    static NameSockets reopen(Path namespace, Path ports) throws IOException {
        try {
            return again(namespace, ports);
        } catch (IOException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            LOG.debugf("a name server gets other ports: %s", e);
            return open(namespace, ports);
        }
    }

    /** The same; fails where it cannot be. */
    static NameSockets again(Path namespace, Path ports) throws IOException {
        String[] both = Files.readString(ports, StandardCharsets.US_ASCII).split(" ");
        int datagrams = Integer.parseInt(both[0]);
        int streams = Integer.parseInt(both[1]);
        return inside(namespace, () -> bind(datagrams, streams));
    }

    /** Sockets by which other servers are asked from the namespace. */
    static Upstream.Sockets from(Path namespace) {
        return new Upstream.Sockets() {
            @Override
            public DatagramChannel datagram() throws IOException {
                return Namespaces.onThreadOfItsOwn(() -> inside(namespace, DatagramChannel::open));
            }

            @Override
            public SocketChannel stream() throws IOException {
                return Namespaces.onThreadOfItsOwn(() -> inside(namespace, SocketChannel::open));
            }
        };
    }

    DatagramChannel datagrams() {
        return datagrams;
    }

    ServerSocketChannel streams() {
        return streams;
    }

    private record Inside(NameSockets sockets, Nftables rules) {
        static Inside open(Path namespace) throws IOException {
            NameSockets sockets = bind(0, 0);
            try {
                return new Inside(sockets, new Nftables(namespace));
            } catch (RuntimeException e) {
                sockets.close();
                throw e;
            }
        }
    }

    /** In the namespace that the thread is in; port 0 lets the kernel choose. */
    private static NameSockets bind(int datagramPort, int streamPort) throws IOException {
        DatagramChannel datagrams = DatagramChannel.open(StandardProtocolFamily.INET);
        ServerSocketChannel streams = null;
        try {
            datagrams.setOption(StandardSocketOptions.SO_RCVBUF, QUESTIONS_WAITING);
            datagrams.bind(new InetSocketAddress(ADDRESS, datagramPort));
            streams = ServerSocketChannel.open(StandardProtocolFamily.INET);
            streams.bind(new InetSocketAddress(ADDRESS, streamPort));
            return new NameSockets(datagrams, streams);
        } catch (IOException | RuntimeException e) {
            Quietly.close(datagrams);
            Quietly.close(streams);
            throw e;
        }
    }

    /**
     * Does something in the namespace, on a thread that is nobody else's, and comes back before anything else: the JVM starts
     * threads from whichever needs one, and they would stay there.
     */
    private static <T> T inside(Path namespace, Callable<T> work) throws IOException {
        try (Fd host = PinnedNamespaces.openOwn();
                Fd its = PinnedNamespaces.open(namespace)) {
            Namespaces.enter(its.number(), Namespaces.CLONE_NEWNET);
            try {
                return work.call();
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            } finally {
                Namespaces.enter(host.number(), Namespaces.CLONE_NEWNET);
            }
        }
    }

    private String rule() throws IOException {
        return """
                add table ip %1$s
                delete table ip %1$s
                table ip %1$s {
                  chain output {
                    type nat hook output priority -100; policy accept;
                    ip daddr %2$s udp dport 53 dnat to %2$s:%3$d
                    ip daddr %2$s tcp dport 53 dnat to %2$s:%4$d
                  }
                }
                """
                .formatted(TABLE, ADDRESS.getHostAddress(), datagramPort(), streamPort());
    }

    private int datagramPort() throws IOException {
        return port(datagrams.getLocalAddress());
    }

    private int streamPort() throws IOException {
        return port(streams.getLocalAddress());
    }

    private static int port(SocketAddress address) {
        return ((InetSocketAddress) address).getPort();
    }

    @Override
    public void close() {
        Quietly.close(datagrams);
        Quietly.close(streams);
    }
}
