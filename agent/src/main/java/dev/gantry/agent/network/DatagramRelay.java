package dev.gantry.agent.network;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Passes UDP datagrams on to a container and its answers back: a socket with a thread for each client until neither side
 * has sent anything for a while.
 */
final class DatagramRelay implements PortSelector.Port {
    private static final Logger LOG = Logger.getLogger(DatagramRelay.class);
    private static final int MAX_DATAGRAM = 65_535;

    /** As long as docker-proxy keeps a client. */
    private static final int IDLE_MILLIS = 90_000;

    /** Datagrams that are taken in one go, so that a busy port leaves the others their turn. */
    private static final int IN_ONE_GO = 64;

    private final DatagramChannel server;
    private final Targets targets;
    private final Semaphore room;
    private final ThreadFactory threads;
    private final Map<SocketAddress, Client> clients = new ConcurrentHashMap<>();

    /**
     * @param server bound; closed with the relay
     * @param room for clients, on all ports: datagrams of further ones are lost until another is idle, since source
     *     addresses cost a sender nothing
     */
    DatagramRelay(DatagramChannel server, Targets targets, Semaphore room, ThreadFactory threads) {
        this.server = server;
        this.targets = targets;
        this.room = room;
        this.threads = threads;
    }

    @Override
    public SelectableChannel channel() {
        return server;
    }

    @Override
    public int awaited() {
        return SelectionKey.OP_READ;
    }

    @Override
    public void ready() {
        ByteBuffer buffer = ByteBuffer.allocate(MAX_DATAGRAM);
        for (int i = 0; i < IN_ONE_GO; i++) {
            try {
                SocketAddress from = server.receive(buffer.clear());
                if (from == null) {
                    return;
                }
                Client client = client(from);
                if (client != null) {
                    client.send(buffer.flip());
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                // Also what the network says of an earlier datagram.
                LOG.debugf("relay to %s: %s", targets, e.getMessage());
            }
        }
    }

    private Client client(SocketAddress from) throws IOException {
        Client known = clients.get(from);
        if (known != null || !room.tryAcquire()) {
            return known;
        }
        try {
            return begin(new Client(from));
        } catch (IOException | RuntimeException | Error e) {
            room.release();
            throw e;
        }
    }

    private Client begin(Client fresh) {
        clients.put(fresh.address, fresh);
        try {
            threads.newThread(fresh::serve).start();
            return fresh;
        } catch (RuntimeException | Error e) {
            clients.remove(fresh.address, fresh);
            fresh.close();
            throw e;
        }
    }

    /** One sender, who is known to the container by a port of his own. */
    private final class Client {
        private final SocketAddress address;
        private final DatagramSocket container = new DatagramSocket();
        private volatile long lastSent = System.nanoTime();

        Client(SocketAddress address) throws IOException {
            this.address = address;
            container.connect(targets.of(((InetSocketAddress) address).getAddress()));
            container.setSoTimeout(IDLE_MILLIS);
        }

        void send(ByteBuffer datagram) throws IOException {
            lastSent = System.nanoTime();
            container.send(new DatagramPacket(datagram.array(), datagram.remaining()));
        }

        private void serve() {
            try {
                answer();
            } finally {
                clients.remove(address, this);
                close();
                room.release();
            }
        }

        private void answer() {
            DatagramPacket packet = new DatagramPacket(new byte[MAX_DATAGRAM], MAX_DATAGRAM);
            while (!container.isClosed()) {
                try {
                    packet.setLength(MAX_DATAGRAM);
                    container.receive(packet);
                    server.send(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()), address);
                } catch (SocketTimeoutException e) {
                    if (System.nanoTime() - lastSent > TimeUnit.MILLISECONDS.toNanos(IDLE_MILLIS)) {
                        break;
                    }
                } catch (ClosedChannelException e) {
                    break;
                } catch (IOException e) {
                    // Nobody listens there, perhaps not yet.
                    LOG.debugf("relay to %s: %s", targets, e.getMessage());
                }
            }
        }

        void close() {
            container.close();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        clients.values().forEach(Client::close);
    }
}
