package dev.gantry.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.dns.NetworkNames.Named;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

@Timeout(60)
class NameStreamsTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final Asker ASKER = new Asker(
            List.of(new NetworkNames(
                    "n",
                    List.of(new Named(
                            List.of("many"),
                            IntStream.range(0, 200)
                                    .mapToObj(i -> InetAddress.ofLiteral("10.1.0." + i))
                                    .toList())))),
            Map.of(),
            false);

    private final List<AutoCloseable> open = new ArrayList<>();
    private volatile Upstream upstream = new Upstream(List.of());
    private NameStreams streams;
    private InetSocketAddress address;

    @BeforeEach
    void start() throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0));
        address = (InetSocketAddress) listener.getLocalAddress();
        streams = new NameStreams(listener, () -> ASKER, () -> upstream);
    }

    @AfterEach
    void stop() throws Exception {
        streams.close();
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    @Test
    void large_answer_comes_whole_and_the_connection_stays_for_the_next_question() throws IOException {
        try (Socket client = connect()) {
            for (int i = 0; i < 3; i++) {
                assertEquals(200, ask(client, "many").getSection(Section.ANSWER).size());
            }
        }
    }

    @Test
    void other_servers_are_asked_over_tcp_until_one_can_tell() throws IOException {
        upstream = new Upstream(List.of(server(Rcode.SERVFAIL), server(Rcode.NXDOMAIN), server(Rcode.NOERROR)));
        try (Socket client = connect()) {
            assertEquals(Rcode.NXDOMAIN, ask(client, "example.org").getRcode());
        }
    }

    @Test
    void without_other_servers_it_is_a_failure() throws IOException {
        try (Socket client = connect()) {
            assertEquals(Rcode.SERVFAIL, ask(client, "example.org").getRcode());
        }
    }

    @Test
    void connection_of_nonsense_is_closed() throws IOException {
        try (Socket client = connect()) {
            send(client, new byte[] {1, 2, 3});
            assertEquals(-1, client.getInputStream().read());
        }
    }

    @Test
    void more_connections_than_may_be_are_closed_and_others_go_on() throws Exception {
        for (int i = 0; i < 64; i++) {
            Socket client = connect();
            open.add(client);
            ask(client, "many");
        }
        try (Socket over = connect()) {
            assertEquals(-1, over.getInputStream().read());
        }
        open.removeFirst().close();
        boolean answered = false;
        for (int i = 0; i < 100 && !answered; i++) {
            try (Socket next = connect()) {
                answered = ask(next, "many").getSection(Section.ANSWER).size() == 200;
            } catch (IOException closed) {
                Thread.sleep(50);
            }
        }
        assertTrue(answered);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(address);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static Message ask(Socket socket, String name) throws IOException {
        send(
                socket,
                Message.newQuery(Record.newRecord(Name.fromString(name, Name.root), Type.A, DClass.IN))
                        .toWire());
        return new Message(read(socket));
    }

    private static void send(Socket socket, byte[] wire) throws IOException {
        socket.getOutputStream()
                .write(ByteBuffer.allocate(2 + wire.length)
                        .putShort((short) wire.length)
                        .put(wire)
                        .array());
    }

    private static byte[] read(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] message = new byte[in.readUnsignedShort()];
        in.readFully(message);
        return message;
    }

    private Upstream.Server server(int code) throws IOException {
        ServerSocket listener = new ServerSocket(0, 10, LOOPBACK);
        open.add(listener);
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    try (Socket client = listener.accept()) {
                        send(
                                client,
                                Answers.refuse(new Message(read(client)), code).toWire());
                    }
                }
            } catch (IOException closed) {
                // The test is over.
            }
        });
        return new Upstream.Server(new InetSocketAddress(LOOPBACK, listener.getLocalPort()), new Upstream.Sockets() {
            @Override
            public DatagramChannel datagram() throws IOException {
                return DatagramChannel.open();
            }

            @Override
            public SocketChannel stream() throws IOException {
                return SocketChannel.open();
            }
        });
    }
}
