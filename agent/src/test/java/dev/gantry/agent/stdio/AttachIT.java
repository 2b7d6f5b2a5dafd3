package dev.gantry.agent.stdio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.log.KeptLogs;
import dev.gantry.agent.log.LogRoute;
import dev.gantry.agent.log.Logs;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of the attach route on a real conmon and runc. */
@Timeout(90)
class AttachIT {
    private static final int BULK = 100 * 1024 * 1024;

    @TempDir
    Path directory;

    private final ObjectMapper json = new ObjectMapper();
    private Vertx vertx;
    private AgentFiles files;
    private Attachments attachments;
    private Path agent;

    @BeforeEach
    void start() throws Exception {
        ConmonContainer.assumePossible();
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        files = new AgentFiles(directory.resolve("data"), directory.resolve("run"));
        Logs logs = new Logs(files, new KeptLogs(files, "0", 0), json);
        attachments = new Attachments(logs);
        agent = directory.resolve("agent.sock");
        Router router = Router.router(vertx);
        new AttachRoute(attachments, logs).register(router);
        new LogRoute(logs).register(router);
        vertx.createHttpServer()
                .requestHandler(router)
                .listen(SocketAddress.domainSocketAddress(agent.toString()))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
    }

    @AfterEach
    void stop() throws Exception {
        if (vertx != null) {
            vertx.close().toCompletionStage().toCompletableFuture().get();
        }
    }

    private ConmonContainer container(boolean tty, boolean stdin, boolean stdinOnce, String... command)
            throws Exception {
        return container(new ContainerSpec.LogSpec("json-file", -1, 1), tty, stdin, stdinOnce, command);
    }

    private ConmonContainer container(
            ContainerSpec.LogSpec log, boolean tty, boolean stdin, boolean stdinOnce, String... command)
            throws Exception {
        ConmonContainer container = ConmonContainer.create(directory, tty, stdin, stdinOnce, command);
        ContainerSpec.ProcessSpec process = new ContainerSpec.ProcessSpec(
                List.of(command), List.of(), "/", "", List.of(), tty, stdin, stdinOnce, 0, 0);
        ContainerSpec spec = new ContainerSpec(
                container.id,
                "test",
                "test",
                "",
                List.of(),
                process,
                false,
                false,
                List.of(),
                null,
                null,
                null,
                null,
                log,
                new ContainerSpec.RestartSpec("no", 0),
                "SIGTERM",
                10,
                "",
                Map.of(),
                Map.of(),
                null);
        Files.createSymbolicLink(files.of(container.id).data(), container.log.getParent());
        Files.createSymbolicLink(files.of(container.id).run(), container.bundle);
        Files.write(files.of(container.id).spec(), json.writeValueAsBytes(spec));
        return container;
    }

    private void go(ConmonContainer container, boolean tty) throws Exception {
        attachments.connect(container.id, container.attachSocket(), tty);
        container.start();
    }

    private record Client(SocketChannel channel, InputStream in, OutputStream out) {
        void send(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }

        String text() throws IOException {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }

        /** Reads until the text has come. */
        String until(String end) throws IOException {
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            while (!read.toString(StandardCharsets.UTF_8).endsWith(end)) {
                int next = in.read();
                assertTrue(next >= 0, () -> "ended after " + read);
                read.write(next);
            }
            return read.toString(StandardCharsets.UTF_8);
        }

        String frames() throws IOException {
            DataInputStream data = new DataInputStream(new BufferedInputStream(in, 1 << 18));
            StringBuilder text = new StringBuilder();
            while (true) {
                int stream;
                try {
                    stream = data.readInt() >>> 24;
                } catch (EOFException e) {
                    return text.toString();
                }
                byte[] payload = data.readNBytes(data.readInt());
                text.append(stream).append(':').append(new String(payload, StandardCharsets.UTF_8));
            }
        }
    }

    private Client connect(String request) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(agent));
        Client client = new Client(channel, Channels.newInputStream(channel), Channels.newOutputStream(channel));
        client.send(request);
        return client;
    }

    private Client attach(ConmonContainer container, String query) throws IOException {
        Client client = connect("POST /v1/containers/" + container.id + "/attach?" + query
                + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n");
        String head = client.until("\r\n\r\n");
        assertTrue(head.startsWith("HTTP/1.1 101 UPGRADED"), head);
        return client;
    }

    @Test
    void client_before_the_start_sees_all_output_of_both_streams_and_the_end() throws Exception {
        try (ConmonContainer container = container(
                false, false, false, "sh", "-c", "echo out; sleep 0.1; echo err >&2; sleep 0.1; echo -n more")) {
            Client client = attach(container, "stream=1&stdout=1&stderr=1");

            go(container, false);

            assertEquals("1:out\n2:err\n1:more", client.frames());
        }
    }

    @Test
    void only_the_wanted_stream_comes() throws Exception {
        try (ConmonContainer container = container(false, false, false, "sh", "-c", "echo out; echo err >&2")) {
            Client client = attach(container, "stream=1&stderr=1");

            go(container, false);

            assertEquals("2:err\n", client.frames());
        }
    }

    @Test
    void end_of_input_ends_cat_and_all_of_it_comes_back() throws Exception {
        try (ConmonContainer container = container(false, true, true, "cat")) {
            Client client = attach(container, "stream=1&stdin=1&stdout=1&stderr=1");
            client.send("hello\n");
            client.channel().shutdownOutput();

            go(container, false);

            assertEquals("1:hello\n", client.frames());
        }
    }

    @Test
    void hundred_megabytes_of_output_are_intact() throws Exception {
        try (ConmonContainer container = container(
                false, false, false, "sh", "-c", "dd if=/dev/zero bs=64k count=1600 2>/dev/null; echo done >&2")) {
            Client client = attach(container, "stream=1&stdout=1&stderr=1");
            long start = System.nanoTime();

            go(container, false);
            long stdout = 0;
            DataInputStream data = new DataInputStream(new BufferedInputStream(client.in(), 1 << 18));
            byte[] payload = new byte[64 * 1024];
            for (int first = data.read(); first >= 0; first = data.read()) {
                data.skipNBytes(3);
                int length = data.readInt();
                data.readFully(payload, 0, length);
                stdout += first == 1 ? length : 0;
            }

            report("attached output", start);
            assertEquals(BULK, stdout);
        }
    }

    @Test
    void hundred_megabytes_of_input_are_intact() throws Exception {
        try (ConmonContainer container = container(false, true, true, "sha256sum")) {
            Client client = attach(container, "stream=1&stdin=1&stdout=1&stderr=1");
            go(container, false);
            byte[] block = new byte[1 << 20];
            new Random(7).nextBytes(block);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            long start = System.nanoTime();

            for (int sent = 0; sent < BULK; sent += block.length) {
                client.out().write(block);
                digest.update(block);
            }
            client.channel().shutdownOutput();
            String answer = client.frames();

            report("stdin", start);
            assertEquals("1:" + java.util.HexFormat.of().formatHex(digest.digest()) + "  -\n", answer);
        }
    }

    @Test
    void slow_client_gets_everything() throws Exception {
        try (ConmonContainer container =
                container(false, false, false, "sh", "-c", "dd if=/dev/zero bs=64k count=160 2>/dev/null")) {
            Client client = attach(container, "stream=1&stdout=1&stderr=1");
            go(container, false);
            // Slow is what takes time: more comes meanwhile than sockets and pipes hold.
            Thread.sleep(1_500);

            String output = client.frames();

            assertEquals(10 * 1024 * 1024, output.replace("1:", "").length());
        }
    }

    @Test
    void terminal_is_raw_and_takes_input_and_sizes() throws Exception {
        try (ConmonContainer container = container(true, true, true, "sh")) {
            Client client = attach(container, "stream=1&stdin=1&stdout=1&stderr=1");
            go(container, true);

            Resize.terminal(container.control(), 33, 77);
            client.send("stty size\n");
            String size = client.until("33 77\r\n");
            client.send("exit\n");

            assertTrue(size.contains("stty size"));
            client.text();
        }
    }

    @Test
    void detach_keys_leave_the_container_running_and_attachable() throws Exception {
        try (ConmonContainer container = container(true, true, true, "cat")) {
            Client first = attach(container, "stream=1&stdin=1&stdout=1&stderr=1");
            go(container, true);
            first.send("one\n");
            first.until("one\r\none\r\n");

            first.send("\u0010\u0011");
            first.text();
            assertTrue(container.isRunning());

            Client second = attach(container, "stream=1&stdin=1&stdout=1&stderr=1");
            second.send("two\n");
            second.until("two\r\ntwo\r\n");
            second.send("\u0004");
            second.text();
        }
    }

    @Test
    void own_detach_keys_replace_the_default() throws Exception {
        try (ConmonContainer container = container(true, true, false, "cat")) {
            Client client = attach(container, "stream=1&stdin=1&stdout=1&detachKeys=a%2Cctrl-b");
            go(container, true);

            client.send("\u0010x\n");
            client.until("x\r\n");
            client.send("a\u0002");
            client.text();

            assertTrue(container.isRunning());
        }
    }

    @Test
    void observer_that_leaves_does_not_end_stdin() throws Exception {
        try (ConmonContainer container = container(false, true, true, "cat")) {
            Client owner = attach(container, "stream=1&stdin=1&stdout=1");
            go(container, false);
            Client observer = attach(container, "stream=1&stdout=1");
            owner.send("a\n");
            observer.in().readNBytes(10);

            observer.channel().close();
            // Time for an end of input that must not come.
            Thread.sleep(200);
            owner.send("b\n");
            owner.channel().shutdownOutput();

            assertEquals("1:a\n1:b\n", owner.frames());
        }
    }

    @Test
    void end_of_input_detaches_where_stdin_stays_open() throws Exception {
        try (ConmonContainer container = container(false, true, false, "cat")) {
            Client client = attach(container, "stream=1&stdin=1&stdout=1");
            go(container, false);
            client.send("a\n");
            client.in().readNBytes(10);

            client.channel().shutdownOutput();
            client.text();

            assertTrue(container.isRunning());
        }
    }

    @Test
    void logs_are_replayed_before_the_stream() throws Exception {
        try (ConmonContainer container = container(false, true, true, "sh", "-c", "echo early; cat; echo late")) {
            Client owner = attach(container, "stream=1&stdin=1&stdout=1");
            go(container, false);
            owner.in().readNBytes(8 + 6);

            Client second = attach(container, "logs=1&stream=1&stdout=1");
            second.in().readNBytes(8 + 6);
            owner.channel().shutdownOutput();

            assertEquals("1:late\n", second.frames());
            assertEquals("1:late\n", owner.frames());
        }
    }

    @Test
    void container_that_never_starts_ends_its_clients() throws Exception {
        try (ConmonContainer container = container(false, false, false, "true")) {
            Client client = attach(container, "stream=1&stdout=1");

            attachments.ended(container.id);

            assertEquals("", client.frames());
        }
    }

    @Test
    void logs_come_back_as_they_were_written() throws Exception {
        try (ConmonContainer container =
                container(false, false, false, "sh", "-c", "seq 1 200000; echo error >&2; echo -n end")) {
            Client client = attach(container, "stream=1&stdout=1&stderr=1");
            go(container, false);
            String attached = client.frames().replaceAll("[12]:", "");

            long start = System.nanoTime();
            Client reader = connect(
                    "GET /v1/containers/" + container.id + "/logs?stdout=1&stderr=1 HTTP/1.0\r\nHost: x\r\n\r\n");
            reader.until("\r\n\r\n");
            String logged = reader.frames().replaceAll("[12]:", "");

            report("logs of " + logged.length() + " bytes", start);
            assertArrayEquals(
                    attached.lines().sorted().toArray(), logged.lines().sorted().toArray());
        }
    }

    @Test
    void rotation_loses_no_line_and_keeps_the_bounds() throws Exception {
        ContainerSpec.LogSpec log = new ContainerSpec.LogSpec("json-file", 20_000, 4);
        String script = "for i in $(seq 1 12); do seq 1 400; sleep 0.1; done; echo last";
        try (ConmonContainer container = container(log, false, false, false, "sh", "-c", script)) {
            go(container, false);
            Client follower = connect(
                    "GET /v1/containers/" + container.id + "/logs?stdout=1&follow=1 HTTP/1.0\r\nHost: x\r\n\r\n");
            follower.until("\r\n\r\n");
            awaitLogged(container, "last\n");
            attachments.ended(container.id);

            String lines = follower.frames();

            assertEquals(12 * 400 + 1, lines.lines().count());
            assertTrue(lines.endsWith("1:last\n"));
            assertTrue(Files.exists(container.log.resolveSibling("ctr.log.1")));
            assertFalse(Files.exists(container.log.resolveSibling("ctr.log.4")));
        }
    }

    /** Waits until conmon has written the text, to the log or to one that was rotated since. */
    private static void awaitLogged(ConmonContainer container, String text) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!isIn(container.log, text) && !isIn(container.log.resolveSibling("ctr.log.1"), text)) {
            assertTrue(System.nanoTime() < deadline, () -> "not logged: " + text);
            Thread.sleep(20);
        }
    }

    private static boolean isIn(Path log, String text) throws IOException {
        try {
            return Files.readString(log).contains(text);
        } catch (NoSuchFileException e) {
            // Between two files.
            return false;
        }
    }

    private static void report(String what, long start) {
        System.getLogger("bench")
                .log(System.Logger.Level.INFO, "{0}: {1} ms", what, (System.nanoTime() - start) / 1_000_000);
    }
}
