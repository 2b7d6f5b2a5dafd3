package dev.gantry.agent.network;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Passes UDP datagrams on to a container and its answers back: one thread that receives, and a socket with a thread for
 * each client until neither side has sent anything for a while.
 */
final class DatagramRelay implements Closeable {
    private static final Logger LOG = Logger.getLogger(DatagramRelay.class);
    private static final int MAX_DATAGRAM = 65_535;

    /** As long as docker-proxy keeps a client. */
    private static final int IDLE_MILLIS = 90_000;

    /** Datagrams of further clients are lost until another is idle: source addresses cost a sender nothing. */
    private static final int MAX_CLIENTS = 1024;

    private final DatagramChannel server;
    private final InetSocketAddress target;
    private final ThreadFactory threads;
    private final Map<SocketAddress, Client> clients = new ConcurrentHashMap<>();
    private final Thread receiver;

    private DatagramRelay(DatagramChannel server, InetSocketAddress target, ThreadFactory threads) {
        this.server = server;
        this.target = target;
        this.threads = threads;
        this.receiver = threads.newThread(this::receive);
    }

    /** @param server bound; closed with the relay */
    static DatagramRelay start(DatagramChannel server, InetSocketAddress target, ThreadFactory threads) {
        DatagramRelay relay = new DatagramRelay(server, target, threads);
        relay.receiver.start();
        return relay;
    }

    private void receive() {
        ByteBuffer buffer = ByteBuffer.allocate(MAX_DATAGRAM);
        while (server.isOpen()) {
            try {
                SocketAddress from = server.receive(buffer.clear());
                Client client = client(from);
                if (client != null) {
                    client.send(buffer.flip());
                }
            } catch (ClosedChannelException e) {
                break;
            } catch (IOException e) {
                // Also what the network says of an earlier datagram.
                LOG.debugf("relay to %s: %s", target, e.getMessage());
            }
        }
        clients.values().forEach(Client::close);
    }

    private Client client(SocketAddress from) throws IOException {
        Client known = clients.get(from);
        if (known != null || clients.size() >= MAX_CLIENTS) {
            return known;
        }
        Client fresh = new Client(from);
        clients.put(from, fresh);
        threads.newThread(fresh::answer).start();
        return fresh;
    }

    /** One sender, who is known to the container by a port of his own. */
    private final class Client {
        private final SocketAddress address;
        private final DatagramSocket container = new DatagramSocket();
        private volatile long lastSent = System.nanoTime();

        Client(SocketAddress address) throws IOException {
            this.address = address;
            container.connect(target);
            container.setSoTimeout(IDLE_MILLIS);
        }

        void send(ByteBuffer datagram) throws IOException {
            lastSent = System.nanoTime();
            container.send(new DatagramPacket(datagram.array(), datagram.remaining()));
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
                    LOG.debugf("relay to %s: %s", target, e.getMessage());
                }
            }
            clients.remove(address);
            close();
        }

        void close() {
            container.close();
        }
    }

    /** Waits for the receiving thread, since the port is free only once that has left. */
    @Override
    public void close() throws IOException {
        server.close();
        try {
            receiver.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
