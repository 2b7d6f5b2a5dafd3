package dev.gantry.agent.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class PortRelayTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final Semaphore connections = new Semaphore(1);

    @Test
    void each_direction_ends_by_itself() throws Exception {
        byte[] sent = new byte[300_000];
        new Random(1).nextBytes(sent);
        try (ServerSocket container = new ServerSocket(0, 1, LOOPBACK);
                ServerSocketChannel listener = listener();
                Served relay = relay(listener, container);
                Socket client = new Socket(LOOPBACK, port(listener))) {
            Thread.startVirtualThread(() -> echoAfterTheEnd(container));
            client.getOutputStream().write(sent);
            client.shutdownOutput();

            assertArrayEquals(sent, client.getInputStream().readAllBytes());
        }
    }

    @Test
    void closing_frees_the_port() throws Exception {
        try (ServerSocket container = new ServerSocket(0, 1, LOOPBACK);
                ServerSocketChannel listener = listener()) {
            int port = port(listener);
            relay(listener, container).close();

            assertThrows(ConnectException.class, () -> new Socket(LOOPBACK, port).close());
        }
    }

    @Test
    void container_that_does_not_listen_ends_the_connection() throws Exception {
        ServerSocket container = new ServerSocket(0, 1, LOOPBACK);
        try (ServerSocketChannel listener = listener();
                Served relay = relay(listener, container)) {
            container.close();
            try (Socket client = new Socket(LOOPBACK, port(listener))) {
                assertEquals(-1, client.getInputStream().read());
            }
        }
    }

    @Test
    void connection_that_is_too_many_is_closed_and_the_next_after_one_has_ended_is_not() throws Exception {
        try (ServerSocket container = new ServerSocket(0, 1, LOOPBACK);
                ServerSocketChannel listener = listener();
                Served relay = relay(listener, container);
                Socket first = new Socket(LOOPBACK, port(listener));
                Socket served = container.accept();
                Socket second = new Socket(LOOPBACK, port(listener))) {
            assertEquals(-1, second.getInputStream().read());

            first.shutdownOutput();
            served.shutdownOutput();
            connections.acquire();
            connections.release();

            try (Socket third = new Socket(LOOPBACK, port(listener));
                    Socket again = container.accept()) {
                third.getOutputStream().write(7);
                assertEquals(7, again.getInputStream().read());
            }
        }
    }

    private static void echoAfterTheEnd(ServerSocket server) {
        try (Socket client = server.accept()) {
            client.getOutputStream().write(client.getInputStream().readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ServerSocketChannel listener() throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0));
    }

    private static int port(ServerSocketChannel listener) throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    private Served relay(ServerSocketChannel listener, ServerSocket container) throws IOException {
        return Served.of(new PortRelay(
                listener,
                Targets.only(new InetSocketAddress(LOOPBACK, container.getLocalPort())),
                connections,
                Thread.ofVirtual().factory()));
    }
}
