package dev.gantry.agent.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * The servers that are asked what we do not know, at most {@link #MOST} of them, in their order.
 *
 * @param servers empty where nothing may be asked of others
 */
record Upstream(List<Server> servers) {
    /** As dockerd. */
    static final int MOST = 3;

    Upstream {
        servers = List.copyOf(servers.subList(0, Math.min(MOST, servers.size())));
    }

    /** @param sockets in the namespace that the server is asked from */
    record Server(InetSocketAddress address, Sockets sockets) {}

    /** Makes sockets in one network namespace; each has a port of the kernel's choice, that nobody can foresee. */
    interface Sockets {
        DatagramChannel datagram() throws IOException;

        SocketChannel stream() throws IOException;
    }
}
