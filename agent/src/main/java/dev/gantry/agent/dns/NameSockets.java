package dev.gantry.agent.dns;

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
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/**
 * Sockets in a container's network namespace. They listen on ports of the kernel's choice, and a rule in the namespace leads
 * port 53 of {@link #ADDRESS} there: a server of the container's own may have port 53 of every address.
 */
final class NameSockets implements Closeable {
    static final InetAddress ADDRESS = InetAddress.ofLiteral("127.0.0.11");

    private static final String TABLE = "gantry-names";

    private final DatagramChannel datagrams;
    private final ServerSocketChannel streams;

    private NameSockets(DatagramChannel datagrams, ServerSocketChannel streams) {
        this.datagrams = datagrams;
        this.streams = streams;
    }

    /** @param namespace a pinned one; its rule is made anew */
    static NameSockets open(Path namespace) throws IOException {
        return Namespaces.onThreadOfItsOwn(() -> {
            Nftables rules = null;
            NameSockets sockets = null;
            try {
                Inside inside = inside(namespace, () -> Inside.open(namespace));
                rules = inside.rules();
                sockets = inside.sockets();
                rules.run(sockets.rule());
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
            DatagramChannel datagrams = null;
            ServerSocketChannel streams = null;
            try {
                datagrams = DatagramChannel.open(StandardProtocolFamily.INET).bind(new InetSocketAddress(ADDRESS, 0));
                streams = ServerSocketChannel.open(StandardProtocolFamily.INET).bind(new InetSocketAddress(ADDRESS, 0));
                return new Inside(new NameSockets(datagrams, streams), new Nftables(namespace));
            } catch (IOException | RuntimeException e) {
                Quietly.close(datagrams);
                Quietly.close(streams);
                throw e;
            }
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
                .formatted(
                        TABLE,
                        ADDRESS.getHostAddress(),
                        port(datagrams.getLocalAddress()),
                        port(streams.getLocalAddress()));
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
