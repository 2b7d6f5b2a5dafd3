package dev.gantry.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Namespaces;
import dev.gantry.agent.linux.PinnedNamespaces;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** A real namespace; needs root and nftables. */
@Timeout(60)
class NameSocketsIT {
    private static final Asker ASKER = new Asker(
            List.of(new NetworkNames(
                    "n", List.of(new NetworkNames.Named(List.of("web"), List.of(InetAddress.ofLiteral("10.1.0.2")))))),
            Map.of(),
            false);

    @TempDir
    Path directory;

    private Path namespace;
    private Path ports;
    private NameServer names;

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        names = new NameServer();
        namespace = directory.resolve("ns");
        ports = directory.resolve("ports");
        onThread(() -> {
            Namespaces.unshare(Namespaces.CLONE_NEWNET);
            new ProcessBuilder("ip", "link", "set", "lo", "up")
                    .inheritIO()
                    .start()
                    .waitFor();
            try (Fd own = PinnedNamespaces.openOwn()) {
                PinnedNamespaces.pin(own, namespace);
            }
            return null;
        });
    }

    @AfterEach
    void stop() throws Exception {
        if (namespace != null) {
            PinnedNamespaces.unpin(namespace);
            names.close();
        }
    }

    @Test
    void port_53_leads_to_the_name_server_over_udp_and_tcp() throws Exception {
        try (NameSockets sockets = NameSockets.open(namespace, ports);
                NameStreams streams = new NameStreams(sockets.streams(), () -> ASKER, () -> new Upstream(List.of()))) {
            names.serve(sockets.datagrams(), () -> ASKER, () -> new Upstream(List.of()));

            assertEquals("10.1.0.2", inside(this::udp));
            assertEquals("10.1.0.2", inside(this::tcp));
        }
    }

    /** As while a collection of garbage, or everybody else, keeps the agent from reading. */
    @Test
    void questions_of_a_tenth_of_a_second_wait_for_their_answers() throws Exception {
        Assumptions.assumeTrue(mostThatSocketsHold() >= 1 << 20, "net.core.rmem_max is below 1 MiB");
        try (NameSockets sockets = NameSockets.open(namespace, ports);
                DatagramSocket client = inside(() -> new DatagramSocket())) {
            client.setReceiveBufferSize(1 << 20);
            client.setSoTimeout(10_000);
            byte[] query = query("web.");
            for (int i = 0; i < 1_000; i++) {
                client.send(new DatagramPacket(query, query.length, NameSockets.ADDRESS, 53));
            }

            names.serve(sockets.datagrams(), () -> ASKER, () -> new Upstream(List.of()));

            for (int i = 0; i < 1_000; i++) {
                client.receive(new DatagramPacket(new byte[512], 512));
            }
        }
    }

    @Test
    void a_server_of_the_containers_own_may_have_port_53() throws Exception {
        try (NameSockets sockets = NameSockets.open(namespace, ports);
                DatagramSocket own = inside(() -> new DatagramSocket(53));
                ServerSocket stream = inside(() -> new ServerSocket(53))) {
            names.serve(sockets.datagrams(), () -> ASKER, () -> new Upstream(List.of()));

            assertEquals("10.1.0.2", inside(this::udp));
        }
    }

    /** With descriptors of 1024 and above libnftables would end the process. */
    @Test
    void a_process_with_a_thousand_open_files_has_more_name_servers() throws Exception {
        List<FileInputStream> many = new ArrayList<>();
        try {
            for (int i = 0; i < 1100; i++) {
                many.add(new FileInputStream("/dev/null"));
            }
            try (NameSockets sockets = NameSockets.open(namespace, ports)) {
                names.serve(sockets.datagrams(), () -> ASKER, () -> new Upstream(List.of()));

                assertEquals("10.1.0.2", inside(this::udp));
            }
        } finally {
            for (FileInputStream one : many) {
                one.close();
            }
        }
    }

    @Test
    void next_agent_takes_the_place_of_one_that_died() throws Exception {
        SocketAddress datagrams;
        SocketAddress streams;
        try (NameSockets first = NameSockets.open(namespace, ports)) {
            datagrams = first.datagrams().getLocalAddress();
            streams = first.streams().getLocalAddress();
        }

        try (NameSockets sockets = reopen();
                NameStreams served = new NameStreams(sockets.streams(), () -> ASKER, () -> new Upstream(List.of()))) {
            names.serve(sockets.datagrams(), () -> ASKER, () -> new Upstream(List.of()));

            assertEquals(datagrams, sockets.datagrams().getLocalAddress());
            assertEquals(streams, sockets.streams().getLocalAddress());
            assertEquals("10.1.0.2", inside(this::udp));
            assertEquals("10.1.0.2", inside(this::tcp));
        }
    }

    @Test
    void a_port_that_the_container_took_meanwhile_is_left_to_it() throws Exception {
        InetSocketAddress taken;
        try (NameSockets first = NameSockets.open(namespace, ports)) {
            taken = (InetSocketAddress) first.datagrams().getLocalAddress();
        }
        try (DatagramSocket own = inside(() -> new DatagramSocket(taken));
                NameSockets sockets = reopen();
                NameStreams served = new NameStreams(sockets.streams(), () -> ASKER, () -> new Upstream(List.of()))) {
            names.serve(sockets.datagrams(), () -> ASKER, () -> new Upstream(List.of()));

            assertEquals(taken, own.getLocalSocketAddress());
            assertEquals("10.1.0.2", inside(this::udp));
            assertEquals("10.1.0.2", inside(this::tcp));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "70000 70000", "-1 -1", "a b", "4000000000 1"})
    void ports_that_nobody_wrote_down_are_chosen_anew(String written) throws Exception {
        Files.writeString(ports, written);
        try (NameSockets sockets = reopen()) {
            names.serve(sockets.datagrams(), () -> ASKER, () -> new Upstream(List.of()));

            assertEquals("10.1.0.2", inside(this::udp));
        }
    }

    @Test
    void other_servers_are_asked_from_the_namespace() throws Exception {
        try (DatagramSocket server = inside(() -> new DatagramSocket(0, InetAddress.getLoopbackAddress()));
                DatagramChannel asking = NameSockets.from(namespace).datagram()) {
            server.setSoTimeout(10_000);
            asking.send(
                    ByteBuffer.wrap(new byte[] {7}),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()));
            DatagramPacket packet = new DatagramPacket(new byte[9], 9);
            server.receive(packet);

            assertEquals(7, packet.getData()[0]);
        }
    }

    @Test
    void early_names_answer_until_it_is_known_who_runs() throws Exception {
        AgentFiles files = new AgentFiles(directory.resolve("data"), directory.resolve("run"));
        for (char digit : "abc".toCharArray()) {
            ContainerFiles container = files.of(String.valueOf(digit).repeat(64));
            Files.createDirectories(container.data());
            Files.createDirectories(container.run());
            Files.writeString(
                    container.spec(), "{\"id\":\"x\",\"process\":{\"dns\":[]},\"dns\":{\"servers\":[\"10.9.9.9\"]}}");
            Files.writeString(container.networkPlan(), plan(digit));
            Files.writeString(container.namePorts(), "9 9");
        }
        ContainerFiles container = files.of("b".repeat(64));
        int port;
        try (NameSockets first = NameSockets.open(namespace, container.namePorts())) {
            port = ((InetSocketAddress) first.datagrams().getLocalAddress()).getPort();
        }
        Files.createDirectories(files.namespaces());
        Files.createSymbolicLink(files.namespaceOf(container.id()), namespace);
        // One that cannot be read holds up nobody, and one whose namespace is not there is found all the same.
        Files.writeString(files.of("a".repeat(64)).networkPlan(), "{\"endpoints\":7}");
        ContainerNames early = new ContainerNames(directory.resolve("resolv.conf"));

        Namespaces.onThreadOfItsOwn(() -> {
            early.reopen(files, EarlyNames.JSON);
            return null;
        });
        assertEquals("10.1.0.2", inside(this::udp));
        assertEquals("10.1.0.2", inside(this::tcp));
        assertEquals("10.1.0.9", inside(() -> udp("other.")));

        early.adopt(List.of());
        for (int i = 0; i < 100 && !isFree(port); i++) {
            Thread.sleep(50);
        }
        assertTrue(isFree(port), "its socket is still open");
        early.close();
    }

    private boolean isFree(int port) throws Exception {
        try (DatagramSocket free = inside(() -> new DatagramSocket(port, NameSockets.ADDRESS))) {
            return free.isBound();
        } catch (ExecutionException e) {
            return false;
        }
    }

    private static String plan(char digit) throws IOException {
        NetworkPlan.Network network = new NetworkPlan.Network("n", 1, "n");
        return new JsonMapper()
                .writeValueAsString(new NetworkPlan(
                        NetworkPlan.Kind.NETWORKS,
                        "",
                        List.of(new NetworkPlan.Endpoint(
                                "e" + digit,
                                network,
                                "eth0",
                                digit == 'b' ? "10.1.0.2/16" : "10.1.0.9/16",
                                "10.1.0.1",
                                "",
                                true,
                                null,
                                List.of(),
                                List.of(digit == 'b' ? "web" : "other"),
                                Map.of(),
                                List.of(new NetworkPlan.PublishedPort("tcp", "0.0.0.0", 80, 80))))));
    }

    @Test
    void nothing_is_left_of_many() throws Exception {
        NameSockets.open(namespace, ports).close();
        long before = descriptors();
        for (int i = 0; i < 50; i++) {
            NameSockets.open(namespace, ports).close();
            NameSockets.from(namespace).datagram().close();
        }

        assertEquals(before, descriptors());
    }

    private NameSockets reopen() throws Exception {
        return Namespaces.onThreadOfItsOwn(() -> NameSockets.reopen(namespace, ports));
    }

    /** In one read: the kernel has nothing to say to a second one. */
    private static long mostThatSocketsHold() throws Exception {
        try (FileInputStream file = new FileInputStream("/proc/sys/net/core/rmem_max")) {
            return Long.parseLong(new String(file.readNBytes(32), StandardCharsets.US_ASCII).strip());
        }
    }

    private static long descriptors() throws Exception {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    private String udp() throws Exception {
        return udp("web.");
    }

    private String udp(String name) throws Exception {
        try (DatagramSocket client = new DatagramSocket()) {
            client.setSoTimeout(10_000);
            byte[] query = query(name);
            client.send(new DatagramPacket(query, query.length, NameSockets.ADDRESS, 53));
            DatagramPacket packet = new DatagramPacket(new byte[512], 512);
            client.receive(packet);
            assertEquals(new InetSocketAddress(NameSockets.ADDRESS, 53), packet.getSocketAddress());
            return text(Arrays.copyOf(packet.getData(), packet.getLength()));
        }
    }

    private String tcp() throws Exception {
        try (Socket client = new Socket(NameSockets.ADDRESS, 53)) {
            client.setSoTimeout(10_000);
            byte[] query = query("web.");
            client.getOutputStream()
                    .write(ByteBuffer.allocate(query.length + 2)
                            .putShort((short) query.length)
                            .put(query)
                            .array());
            int length = client.getInputStream().read() << 8
                    | client.getInputStream().read();
            return text(client.getInputStream().readNBytes(length));
        }
    }

    private static byte[] query(String name) throws Exception {
        return Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN))
                .toWire();
    }

    private static String text(byte[] answer) throws Exception {
        return new Message(answer).getSection(Section.ANSWER).getFirst().rdataToString();
    }

    private <T> T inside(Callable<T> work) throws Exception {
        return onThread(() -> {
            try (Fd fd = PinnedNamespaces.open(namespace)) {
                Namespaces.enter(fd.number(), Namespaces.CLONE_NEWNET);
            }
            return work.call();
        });
    }

    private static <T> T onThread(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().start(task).join();
        return task.get();
    }
}
