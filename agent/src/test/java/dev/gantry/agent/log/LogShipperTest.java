package dev.gantry.agent.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.LogSpec;
import dev.gantry.agent.api.ContainerSpec.Shipping;
import dev.gantry.agent.testing.Specs;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LogShipperTest {
    private static final Pattern LINE = Pattern.compile("]: (.*)\n");

    @TempDir
    Path directory;

    private final List<String> received = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private LogFiles files;
    private ServerSocket server;
    private int port;
    private volatile Socket taking;

    @BeforeEach
    void listen() throws IOException {
        files = new LogFiles(directory.resolve("ctr.log"));
        open(0, Integer.MAX_VALUE);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    /** @param most bytes after which a connection is reset */
    private void open(int at, int most) throws IOException {
        server = new ServerSocket(at, 50, InetAddress.getLoopbackAddress());
        port = server.getLocalPort();
        ServerSocket listening = server;
        Thread.ofVirtual().start(() -> {
            while (!listening.isClosed()) {
                try (Socket socket = listening.accept()) {
                    take(socket, most);
                } catch (IOException e) {
                    continue;
                }
            }
        });
    }

    private void take(Socket socket, int most) throws IOException {
        taking = socket;
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        int total = 0;
        byte[] block = new byte[4096];
        for (int size = in.read(block); size >= 0; size = in.read(block)) {
            text.append(new String(block, 0, size, StandardCharsets.UTF_8));
            Matcher line = LINE.matcher(text);
            int done = 0;
            while (line.find()) {
                received.add(line.group(1));
                done = line.end();
            }
            text.delete(0, done);
            total += size;
            if (total > most) {
                socket.setSoLinger(true, 0);
                return;
            }
        }
    }

    private LogShipper shipper(String mode) {
        Shipping shipping = new Shipping(
                "tcp",
                "127.0.0.1:" + port,
                Map.of(),
                "tag",
                Map.of(),
                "sha256:0",
                "image",
                "sh",
                Instant.EPOCH,
                mode.equals("non-blocking") ? 1000 : -1);
        ContainerSpec spec = Specs.withLog(new LogSpec("syslog", -1, 1, null, null, false, false, shipping));
        LogShipper shipper = new LogShipper(spec, files, null, end);
        shipper.start();
        return shipper;
    }

    private void write(int from, int to) throws IOException {
        StringBuilder text = new StringBuilder();
        IntStream.range(from, to).forEach(i -> text.append("2026-11-29T19:00:00.000000000+00:00 stdout F ")
                .append(i)
                .append('\n'));
        Files.writeString(files.current(), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void await(int lines) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(50);
        while (received.stream().distinct().count() < lines) {
            assertTrue(System.nanoTime() < deadline, () -> received.size() + " lines");
            Thread.sleep(5);
        }
    }

    @Test
    void all_lines_are_sent_over_rotations_and_successors() throws Exception {
        LogShipper first = shipper("blocking");
        write(0, 1000);
        await(1000);
        first.finish();
        write(1000, 2000);
        Files.move(files.current(), files.rotated(1));
        write(2000, 3000);
        LogShipper second = shipper("blocking");
        await(3000);
        end.complete(null);
        second.finish();

        assertTrue(second.isDone());
        assertEquals(IntStream.range(0, 3000).mapToObj(Integer::toString).toList(), received);
    }

    @Test
    void lines_wait_for_a_target_that_is_away() throws Exception {
        server.close();
        LogShipper shipper = shipper("blocking");
        write(0, 1000);
        Thread.sleep(100);
        open(port, Integer.MAX_VALUE);
        await(1000);
        shipper.finish();

        assertEquals(1000, received.size());
    }

    @Test
    void the_oldest_lines_are_given_up_where_few_bytes_may_wait() throws Exception {
        server.close();
        write(0, 10_000);
        LogShipper shipper = shipper("non-blocking");
        Thread.sleep(100);
        open(port, Integer.MAX_VALUE);
        end.complete(null);
        while (!shipper.isDone()) {
            Thread.sleep(5);
        }
        await(1);

        assertTrue(received.size() < 5000, () -> received.size() + " lines");
        assertEquals("9999", received.getLast());
    }

    @Test
    void no_line_goes_to_a_target_that_has_closed() throws Exception {
        LogShipper shipper = shipper("blocking");
        write(0, 10);
        await(10);
        server.close();
        taking.close();
        Thread.sleep(200);
        write(10, 20);
        open(port, Integer.MAX_VALUE);
        await(20);
        shipper.finish();

        assertEquals(20, received.size());
    }

    @Test
    void a_connection_that_is_reset_is_made_again() throws Exception {
        server.close();
        open(0, 20_000);
        LogShipper shipper = shipper("blocking");
        for (int i = 0; i < 20; i++) {
            write(i * 200, i * 200 + 200);
            Thread.sleep(20);
        }
        write(4000, 4001);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(50);
        while (!received.contains("4000")) {
            assertTrue(System.nanoTime() < deadline);
            Thread.sleep(5);
        }
        shipper.finish();
    }
}
