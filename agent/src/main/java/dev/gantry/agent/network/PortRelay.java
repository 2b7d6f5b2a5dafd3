package dev.gantry.agent.network;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import org.jboss.logging.Logger;

/** Passes TCP connections on to a container, each direction with its own end: two threads for each connection. */
final class PortRelay implements PortSelector.Port {
    private static final Logger LOG = Logger.getLogger(PortRelay.class);
    private static final SeldomWarning TOO_MANY = new SeldomWarning();
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final ServerSocketChannel server;
    private final Targets targets;
    private final Semaphore connections;
    private final ThreadFactory threads;

    /**
     * @param server bound and listening; closed with the relay
     * @param connections what there may be more of, on all ports; one that is too many is closed at once
     */
    PortRelay(ServerSocketChannel server, Targets targets, Semaphore connections, ThreadFactory threads) {
        this.server = server;
        this.targets = targets;
        this.connections = connections;
        this.threads = threads;
    }

    @Override
    public SelectableChannel channel() {
        return server;
    }

    @Override
    public int awaited() {
        return SelectionKey.OP_ACCEPT;
    }

    /** One connection: the others are still announced at the next selection. */
    @Override
    public void ready() throws IOException {
        try {
            SocketChannel client = server.accept();
            if (client == null) {
                return;
            }
            if (!connections.tryAcquire()) {
                client.close();
                TOO_MANY.warn(LOG, "relay to %s: a connection is closed, there are too many", targets);
                return;
            }
            begin(client.socket());
        } catch (ClosedChannelException e) {
            LOG.debugf("relay to %s: closed", targets);
        }
    }

    private void begin(Socket client) {
        try {
            threads.newThread(() -> {
                        try {
                            relay(client);
                        } finally {
                            connections.release();
                        }
                    })
                    .start();
        } catch (Throwable e) {
            connections.release();
            closeQuietly(client);
            throw e;
        }
    }

    private void relay(Socket client) {
        try (client;
                Socket container = new Socket()) {
            container.connect(targets.of(client.getInetAddress()), CONNECT_TIMEOUT_MILLIS);
            Thread answers = threads.newThread(() -> copy(container, client));
            answers.start();
            copy(client, container);
            answers.join();
        } catch (IOException e) {
            LOG.debugf("relay to %s: %s", targets, e.getMessage());
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

    @Override
    public void close() throws IOException {
        server.close();
    }
}
