package dev.gantry.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatagramRelayTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void answers_come_back_whatever_the_family(String address) throws Exception {
        try (DatagramSocket container = echo();
                DatagramChannel port = port();
                Served relay = relay(port, container);
                DatagramSocket client = client(address, port)) {
            assertEquals(5, ask(client, 5));
            assertEquals(6, ask(client, 6));
        }
    }

    @Test
    void clients_are_told_apart() throws Exception {
        try (DatagramSocket container = echo();
                DatagramChannel port = port();
                Served relay = relay(port, container);
                DatagramSocket one = client("::1", port);
                DatagramSocket other = client("::1", port)) {
            assertNotEquals(one.getLocalPort(), other.getLocalPort());
            assertEquals(1, ask(one, 1));
            assertEquals(2, ask(other, 2));
            assertEquals(3, ask(one, 3));
        }
    }

    @Test
    void datagrams_of_more_clients_than_there_is_room_for_are_lost() throws Exception {
        Semaphore room = new Semaphore(1);
        try (DatagramSocket container = echo();
                DatagramChannel port = port();
                DatagramSocket one = client("::1", port);
                DatagramSocket other = client("::1", port)) {
            try (Served relay = relay(port, container, room)) {
                assertEquals(1, ask(one, 1));
                other.setSoTimeout(300);
                assertThrows(SocketTimeoutException.class, () -> ask(other, 2));
                assertEquals(3, ask(one, 3));
            }
            assertTrue(room.tryAcquire(10, TimeUnit.SECONDS), "the room is given back");
        }
    }

    @Test
    void closing_frees_the_port() throws Exception {
        try (DatagramSocket container = echo();
                DatagramChannel port = port()) {
            InetSocketAddress address = (InetSocketAddress) port.getLocalAddress();
            relay(port, container).close();

            DatagramChannel.open(StandardProtocolFamily.INET6).bind(address).close();
        }
    }

    private static DatagramSocket echo() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, LOOPBACK);
        Thread.startVirtualThread(() -> {
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(new byte[10], 10);
                    socket.receive(packet);
                    socket.send(packet);
                }
            } catch (IOException e) {
                // closed: the test is over
            }
        });
        return socket;
    }

    private static DatagramChannel port() throws IOException {
        return DatagramChannel.open(StandardProtocolFamily.INET6)
                .bind(new InetSocketAddress(InetAddress.ofLiteral("::"), 0));
    }

    private static Served relay(DatagramChannel port, DatagramSocket container) throws IOException {
        return relay(port, container, new Semaphore(10));
    }

    private static Served relay(DatagramChannel port, DatagramSocket container, Semaphore room) throws IOException {
        return Served.of(new DatagramRelay(
                port,
                Targets.only(new InetSocketAddress(LOOPBACK, container.getLocalPort())),
                room,
                Thread.ofVirtual().factory()));
    }

    private static DatagramSocket client(String address, DatagramChannel port) throws IOException {
        DatagramSocket client = new DatagramSocket();
        client.setSoTimeout(5000);
        client.connect(InetAddress.ofLiteral(address), ((InetSocketAddress) port.getLocalAddress()).getPort());
        return client;
    }

    private static int ask(DatagramSocket client, int number) throws IOException {
        client.send(new DatagramPacket(new byte[] {(byte) number}, 1));
        DatagramPacket answer = new DatagramPacket(new byte[10], 10);
        client.receive(answer);
        return answer.getData()[0];
    }
}
