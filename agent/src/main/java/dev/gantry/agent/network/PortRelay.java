package dev.gantry.agent.network;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadFactory;
import org.jboss.logging.Logger;

/**
 * Passes TCP connections on to a container, each direction with its own end: one thread that accepts and two for each
 * connection.
 */
final class PortRelay implements Closeable {
    private static final Logger LOG = Logger.getLogger(PortRelay.class);
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final ServerSocketChannel server;
    private final InetSocketAddress target;

    private final ThreadFactory threads;
    private final Thread acceptor;

    private PortRelay(ServerSocketChannel server, InetSocketAddress target, ThreadFactory threads) {
        this.server = server;
        this.target = target;
        this.threads = threads;
        this.acceptor = threads.newThread(this::accept);
    }

    /** @param server bound and listening; closed with the relay */
    static PortRelay start(ServerSocketChannel server, InetSocketAddress target, ThreadFactory threads) {
        PortRelay relay = new PortRelay(server, target, threads);
        relay.acceptor.start();
        return relay;
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                threads.newThread(() -> relay(client.socket())).start();
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warnf("relay to %s: %s", target, e.getMessage());
            }
        }
    }

    private void relay(Socket client) {
        try (client;
                Socket container = new Socket()) {
            container.connect(target, CONNECT_TIMEOUT_MILLIS);
            Thread answers = threads.newThread(() -> copy(container, client));
            answers.start();
            copy(client, container);
            answers.join();
        } catch (IOException e) {
            LOG.debugf("relay to %s: %s", target, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
            to.shutdownOutput();
        } catch (IOException e) {
            LOG.debugf("relay: %s", e.getMessage());
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debugf("relay: %s", e.getMessage());
        }
    }

    /** Waits for the accepting thread, since the port is free only once that has left its accept. */
    @Override
    public void close() throws IOException {
        server.close();
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
