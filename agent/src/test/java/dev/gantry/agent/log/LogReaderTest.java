package dev.gantry.agent.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.ContainerSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class LogReaderTest {
    @TempDir
    Path directory;

    private LogFiles files;
    private final Client client = new Client();
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    private static final class Client implements LogReader.Sink {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private volatile boolean open = true;

        @Override
        public synchronized void write(byte[] chunk, int length) {
            bytes.write(chunk, 0, length);
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        void await(String text) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!text().endsWith(text)) {
                assertTrue(System.nanoTime() < deadline, this::text);
                Thread.sleep(2);
            }
        }
    }

    @BeforeEach
    void files() {
        files = new LogFiles(directory.resolve("ctr.log"));
    }

    private static String line(String mark, String text) {
        return "2026-01-02T03:04:05.000000001+00:00 stdout " + mark + " " + text + "\n";
    }

    private static String lines(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(number -> line("F", "line " + number))
                .collect(Collectors.joining());
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private String read(long tail) throws Exception {
        LogQuery query = new LogQuery(true, true, false, false, false, null, null, tail);
        new LogReader(files, query, true, client).run(end);
        return client.text();
    }

    private CompletableFuture<Void> follow(long tail) {
        LogQuery query = new LogQuery(true, true, true, false, false, null, null, tail);
        return CompletableFuture.runAsync(() -> {
            try {
                new LogReader(files, query, true, client).run(end);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void missing_log_is_empty() throws Exception {
        assertEquals("", read(-1));
    }

    @Test
    void rotated_files_come_first() throws Exception {
        append(files.rotated(2), lines(1, 2));
        append(files.rotated(1), lines(3, 4));
        append(files.current(), lines(5, 5));

        assertEquals("line 1\nline 2\nline 3\nline 4\nline 5\n", read(-1));
    }

    @Test
    void tail_counts_from_the_end() throws Exception {
        append(files.current(), lines(1, 50_000));

        assertEquals("line 49999\nline 50000\n", read(2));
    }

    @Test
    void tail_reaches_into_rotated_files_and_stops_at_the_first() throws Exception {
        append(files.rotated(1), lines(1, 3));
        append(files.current(), lines(4, 5));

        assertEquals("line 3\nline 4\nline 5\n", read(3));
    }

    @Test
    void tail_longer_than_the_log_is_all_of_it() throws Exception {
        append(files.rotated(1), lines(1, 3));
        append(files.current(), lines(4, 5));

        assertEquals("line 1\nline 2\nline 3\nline 4\nline 5\n", read(99));
    }

    @Test
    void tail_of_nothing_is_nothing() throws Exception {
        append(files.current(), lines(1, 3));

        assertEquals("", read(0));
    }

    @Test
    void tail_takes_a_line_in_pieces_for_one() throws Exception {
        String pieces = line("P", "a".repeat(70_000)) + line("P", "b".repeat(8_192)) + line("F", "c");
        append(files.current(), lines(1, 2) + pieces + line("P", "prompt$ "));

        assertEquals("a".repeat(70_000) + "b".repeat(8_192) + "c\nprompt$ ", read(2));
    }

    @Test
    void tail_finds_line_starts_at_any_place_of_a_block() throws Exception {
        for (int shift = 0; shift < 200; shift++) {
            Files.deleteIfExists(files.current());
            client.bytes.reset();
            append(files.current(), lines(1, 3) + line("F", "x".repeat(65_400 + shift)) + lines(4, 5));

            assertEquals("x".repeat(65_400 + shift) + "\nline 4\nline 5\n", read(3));
        }
    }

    @Test
    void follower_sees_lines_as_they_come_and_ends_with_the_container() throws Exception {
        append(files.current(), lines(1, 3));
        CompletableFuture<Void> follower = follow(1);
        client.await("line 3\n");

        append(files.current(), lines(4, 4) + "2026-01-02T03:04:05.0000");
        client.await("line 4\n");
        append(files.current(), "00001+00:00 stdout F line 5\n");
        client.await("line 5\n");
        append(files.current(), lines(6, 6));
        end.complete(null);

        follower.get(5, TimeUnit.SECONDS);
        assertEquals("line 3\nline 4\nline 5\nline 6\n", client.text());
    }

    @Test
    void follower_loses_nothing_when_the_log_is_rotated() throws Exception {
        append(files.current(), lines(1, 1));
        CompletableFuture<Void> follower = follow(-1);
        client.await("line 1\n");

        for (int number = 2; number < 40; number++) {
            Files.move(files.current(), files.rotated(1), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            append(files.rotated(1), lines(number, number));
            append(files.current(), "");
            client.await("line " + number + "\n");
        }
        end.complete(null);

        follower.get(5, TimeUnit.SECONDS);
        assertEquals(39, client.text().lines().count());
    }

    @Test
    void follower_stops_when_its_client_leaves() throws Exception {
        append(files.current(), lines(1, 1));
        CompletableFuture<Void> follower = follow(-1);
        client.await("line 1\n");

        client.open = false;

        follower.get(5, TimeUnit.SECONDS);
    }

    @Test
    void rotation_keeps_as_many_files_as_told() throws Exception {
        LogRotation rotation = new LogRotation(
                files, new ContainerSpec.LogSpec("json-file", 100, 3), directory.resolve("no-such-fifo"));
        for (int number = 1; number <= 5; number++) {
            append(files.current(), lines(number * 10, number * 10 + 5));
            rotation.rotateIfLarge();
        }

        assertEquals(2, files.all().size());
        assertEquals("line 40", read(-1).lines().findFirst().orElseThrow());
    }

    @Test
    void what_was_written_faster_than_it_was_rotated_is_cut_to_the_bound() throws Exception {
        append(files.current(), lines(1, 200));

        new LogRotation(files, new ContainerSpec.LogSpec("json-file", 1000, 2), directory.resolve("none"))
                .watch(CompletableFuture.completedFuture(null));

        assertTrue(Files.size(files.current()) <= 2000);
        assertTrue(read(-1).endsWith("line 200\n"));
        assertTrue(read(-1).lines().allMatch(line -> line.startsWith("line ")));
    }

    @Test
    void small_log_is_not_rotated() throws Exception {
        append(files.current(), lines(1, 1));

        new LogRotation(files, new ContainerSpec.LogSpec("json-file", 1000, 3), directory.resolve("none"))
                .rotateIfLarge();

        assertEquals(1, files.all().size());
    }
}
