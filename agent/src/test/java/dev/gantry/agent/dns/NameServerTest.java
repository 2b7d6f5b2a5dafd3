package dev.gantry.agent.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.dns.NetworkNames.Named;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
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
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

@Timeout(60)
class NameServerTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final Asker ASKER = new Asker(
            List.of(new NetworkNames(
                    "n", List.of(new Named(List.of("web"), List.of(InetAddress.ofLiteral("10.1.0.2")))))),
            Map.of(),
            false);
    private static final Upstream.Sockets SOCKETS = new Upstream.Sockets() {
        @Override
        public DatagramChannel datagram() throws IOException {
            return DatagramChannel.open();
        }

        @Override
        public SocketChannel stream() throws IOException {
            return SocketChannel.open();
        }
    };

    private final List<AutoCloseable> open = new ArrayList<>();
    private NameServer names;
    private volatile Upstream upstream = new Upstream(List.of());
    private InetSocketAddress address;
    private DatagramSocket client;

    @BeforeEach
    void start() throws IOException {
        names = new NameServer();
        DatagramChannel socket = DatagramChannel.open().bind(new InetSocketAddress(LOOPBACK, 0));
        open.add(socket);
        address = (InetSocketAddress) socket.getLocalAddress();
        names.serve(socket, () -> ASKER, () -> upstream);
        client = new DatagramSocket();
        client.setSoTimeout(15_000);
        open.add(client);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        names.close();
    }

    @Test
    void known_name_is_answered_and_an_unknown_one_fails_without_other_servers() throws IOException {
        assertEquals(
                "10.1.0.2", ask("web").getSection(Section.ANSWER).getFirst().rdataToString());
        assertEquals(Rcode.SERVFAIL, ask("example.org").getRcode());
    }

    @Test
    void answer_of_another_server_is_passed_on_as_it_is() throws IOException {
        byte[] odd = new byte[300];
        Arrays.fill(odd, (byte) 7);
        upstream = new Upstream(List.of(server(query -> {
            odd[0] = query[0];
            odd[1] = query[1];
            odd[2] = (byte) 0x81;
            odd[3] = (byte) 0x83;
            return odd;
        })));

        assertArrayEquals(odd, exchange(query("example.org").toWire()));
    }

    @Test
    void next_server_is_asked_after_a_failure_a_refusal_and_silence() throws IOException {
        AtomicInteger silent = new AtomicInteger();
        upstream = new Upstream(List.of(
                server(answer(Rcode.SERVFAIL, "")),
                server(answer(Rcode.REFUSED, "")),
                server(answer(Rcode.NOERROR, "third"))));
        assertEquals(
                "\"third\"",
                ask("example.org").getSection(Section.ANSWER).getFirst().rdataToString());

        upstream = new Upstream(List.of(
                server(query -> {
                    silent.incrementAndGet();
                    return null;
                }),
                server(answer(Rcode.NOERROR, "second"))));
        assertEquals(
                "\"second\"",
                ask("example.org").getSection(Section.ANSWER).getFirst().rdataToString());
        assertEquals(1, silent.get());
    }

    @Test
    void a_name_that_is_not_there_is_told_and_not_asked_again() throws IOException {
        upstream = new Upstream(List.of(server(answer(Rcode.NXDOMAIN, "")), server(answer(Rcode.NOERROR, "second"))));

        assertEquals(Rcode.NXDOMAIN, ask("example.org").getRcode());
    }

    @Test
    void failure_of_the_last_is_passed_on_and_nobody_listening_is_one() throws IOException {
        upstream = new Upstream(List.of(server(answer(Rcode.REFUSED, ""))));
        assertEquals(Rcode.REFUSED, ask("example.org").getRcode());
        int free;
        try (DatagramSocket gone = new DatagramSocket(0, LOOPBACK)) {
            free = gone.getLocalPort();
        }
        upstream = new Upstream(List.of(new Upstream.Server(new InetSocketAddress(LOOPBACK, free), SOCKETS)));
        assertEquals(Rcode.SERVFAIL, ask("example.org").getRcode());
    }

    @Test
    void answers_to_other_questions_are_not_believed() throws IOException {
        upstream = new Upstream(List.of(server(query -> {
            byte[] other = answer(Rcode.NOERROR, "forged").apply(query);
            other[0] ^= 1;
            return other;
        })));

        assertEquals(Rcode.SERVFAIL, ask("example.org").getRcode());
    }

    @Test
    void silence_of_one_question_holds_up_no_other() throws IOException {
        upstream = new Upstream(List.of(server(query -> null)));
        send(query("example.org").toWire());

        assertEquals(
                "10.1.0.2", ask("web").getSection(Section.ANSWER).getFirst().rdataToString());
    }

    @Test
    void no_more_is_under_way_than_may_be() throws IOException {
        upstream = new Upstream(List.of(server(query -> null)));
        client.setReceiveBufferSize(1 << 20);
        for (int i = 0; i < 1024 + 10; i++) {
            send(query("example.org").toWire());
            if (i % 50 == 0) {
                ask("web");
            }
        }

        for (int i = 0; i < 10; i++) {
            assertEquals(Rcode.REFUSED, new Message(receive()).getRcode());
        }
    }

    @Test
    void nonsense_is_an_error_or_nothing_and_harms_nobody() throws IOException {
        send(new byte[0]);
        send(new byte[5]);
        byte[] answer = query("web").toWire();
        answer[2] |= (byte) 0x80;
        send(answer);
        byte[] half = Arrays.copyOf(query("web").toWire(), 14);
        assertEquals(Rcode.FORMERR, new Message(exchange(half)).getRcode());
        client.setSoTimeout(300);
        assertThrows(SocketTimeoutException.class, this::receive);
        client.setSoTimeout(15_000);

        assertEquals(
                "10.1.0.2", ask("web").getSection(Section.ANSWER).getFirst().rdataToString());
    }

    /** @param says null for silence */
    private Upstream.Server server(UnaryOperator<byte[]> says) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, LOOPBACK);
        socket.setReceiveBufferSize(1 << 20);
        open.add(socket);
        Thread.ofVirtual().start(() -> {
            byte[] bytes = new byte[4096];
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                    socket.receive(packet);
                    byte[] answer = says.apply(Arrays.copyOf(bytes, packet.getLength()));
                    if (answer != null) {
                        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                    }
                }
            } catch (IOException closed) {
                // The test is over.
            }
        });
        return new Upstream.Server(new InetSocketAddress(LOOPBACK, socket.getLocalPort()), SOCKETS);
    }

    private static UnaryOperator<byte[]> answer(int code, String text) {
        return wire -> {
            try {
                Message query = new Message(wire);
                Message answer = Answers.refuse(query, code);
                if (!text.isEmpty()) {
                    Name name = query.getQuestion().getName();
                    answer.addRecord(new TXTRecord(name, DClass.IN, 1, text), Section.ANSWER);
                }
                return answer.toWire();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    private static Message query(String name) throws IOException {
        return Message.newQuery(Record.newRecord(Name.fromString(name, Name.root), Type.A, DClass.IN));
    }

    private Message ask(String name) throws IOException {
        Message query = query(name);
        send(query.toWire());
        while (true) {
            Message answer = new Message(receive());
            if (answer.getHeader().getID() == query.getHeader().getID()) {
                return answer;
            }
        }
    }

    private byte[] exchange(byte[] wire) throws IOException {
        send(wire);
        return receive();
    }

    private void send(byte[] wire) throws IOException {
        client.send(new DatagramPacket(wire, wire.length, address));
    }

    private byte[] receive() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        client.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }
}
