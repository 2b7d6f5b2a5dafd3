package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@code docker logs}. */
@EndpointTest
class LogsTest {
    private static String ran(Docker docker, String script, String... options) {
        String name = docker.name("logs");
        List<String> arguments = new java.util.ArrayList<>(List.of("run", "--name", name));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of(Images.BUSYBOX, "sh", "-c", script));
        docker.call(arguments.toArray(String[]::new));
        return name;
    }

    @Test
    void streams_are_kept_apart(Docker docker) {
        Result result = docker.call("logs", ran(docker, "echo out; echo err >&2"));

        assertEquals("out\n", result.out());
        assertEquals("err\n", result.err());
    }

    @Test
    void details_come_between_time_and_text(Docker docker) {
        String name = docker.name("detailed");
        docker.ok("run", "--name", name, Images.BUSYBOX, "echo", "text");

        assertEquals(" text\n", docker.call("logs", "--details", name).out());
        String stamped = docker.call("logs", "--details", "-t", name).out();
        assertTrue(stamped.endsWith("Z  text\n"), stamped);
    }

    @Test
    void tail_counts_lines_from_the_end(Docker docker) {
        String name = ran(docker, "seq 1 1000");

        assertEquals(
                List.of("999", "1000"), docker.call("logs", "--tail", "2", name).lines());
        assertEquals(List.of(), docker.call("logs", "--tail", "0", name).lines());
        assertEquals(1000, docker.call("logs", "--tail", "all", name).lines().size());
        assertEquals(1000, docker.call("logs", "-n", "5000", name).lines().size());
    }

    @Test
    void timestamps_have_nine_digits_and_are_in_order(Docker docker) {
        List<String> lines = docker.call("logs", "-t", ran(docker, "echo a; sleep 0.1; echo b"))
                .lines();

        assertEquals(2, lines.size());
        for (String line : lines) {
            assertTrue(line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z [ab]"), line);
        }
        Instant first = Instant.parse(lines.getFirst().split(" ")[0]);
        Instant second = Instant.parse(lines.getLast().split(" ")[0]);
        assertTrue(Duration.between(first, second).toMillis() >= 90, lines::toString);
    }

    @Test
    void since_and_until_select_by_time(Docker docker) {
        String name = ran(docker, "echo a; sleep 1.1; echo b; sleep 1.1; echo c");
        List<String> stamps = docker.call("logs", "-t", name).lines().stream()
                .map(line -> line.split(" ")[0])
                .toList();

        assertEquals(
                List.of("b", "c"),
                docker.call("logs", "--since", stamps.get(1), name).lines());
        assertEquals(
                List.of("a"),
                docker.call("logs", "--until", before(stamps.get(1)), name).lines());
        assertEquals(
                List.of("b"),
                docker.call("logs", "--since", stamps.get(1), "--until", before(stamps.get(2)), name)
                        .lines());
        assertEquals(3, docker.call("logs", "--since", "1h", name).lines().size());
        assertEquals(0, docker.call("logs", "--until", "1h", name).lines().size());
    }

    private static String before(String timestamp) {
        return Instant.parse(timestamp).minusMillis(1).toString();
    }

    @Test
    void follow_shows_what_comes_and_ends_with_the_container(Docker docker) throws Exception {
        String name = docker.name("followed");
        docker.ok(
                "run",
                "-d",
                "--name",
                name,
                Images.BUSYBOX,
                "sh",
                "-c",
                "for i in 1 2 3 4; do echo $i; sleep 0.3; done");

        Process follower = docker.start("logs", "-f", name);

        assertEquals(List.of("1", "2", "3", "4"), follower.inputReader().lines().toList());
        assertTrue(follower.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, follower.exitValue());
    }

    @Test
    void follow_of_a_stopped_container_ends_at_once(Docker docker) {
        assertEquals("done", docker.ok("logs", "-f", ran(docker, "echo done")));
    }

    @Test
    void follow_shows_a_line_soon(Docker docker) throws Exception {
        String name = docker.name("followed");
        docker.ok(
                "run",
                "-d",
                "-i",
                "--name",
                name,
                Images.BUSYBOX,
                "sh",
                "-c",
                "while :; do cut -d' ' -f1 /proc/uptime; sleep 0.2; done");

        Process follower = docker.start("logs", "-f", "--tail", "0", name);
        var reader = follower.inputReader();
        String line = reader.readLine();
        double late = uptime() - Double.parseDouble(line);

        assertTrue(late < 1, "a line arrives after " + late + " s");
    }

    private static double uptime() throws java.io.IOException {
        return Double.parseDouble(java.nio.file.Files.readString(java.nio.file.Path.of("/proc/uptime"))
                .split(" ")[0]);
    }

    @Test
    void a_last_line_without_newline_is_kept_as_it_is(Docker docker) {
        assertEquals(
                "partial", docker.call("logs", ran(docker, "printf partial")).out());
    }

    @Test
    void long_lines_are_whole(Docker docker) {
        String name = ran(docker, "head -c 100000 /dev/zero | tr '\\0' x; echo; echo after");

        assertEquals(
                List.of("x".repeat(100_000), "after"), docker.call("logs", name).lines());
    }

    @Test
    void binary_output_comes_back_byte_for_byte(Docker docker) {
        String name = ran(docker, "printf '\\001\\002\\t\\033[1m\\r\\nx\\n\\n\\n'");

        assertEquals("\001\002\t\033[1m\r\nx\n\n\n", docker.call("logs", name).out());
    }

    @Test
    void megabytes_come_back_whole_and_in_order(Docker docker) {
        String name = ran(docker, "seq 1 400000");

        List<String> lines = docker.call("logs", name).lines();

        assertEquals(
                IntStream.rangeClosed(1, 400_000).mapToObj(Integer::toString).toList(), lines);
    }

    @Test
    void a_terminals_output_is_raw(Docker docker) {
        assertEquals(
                "a\r\nb\r\n",
                docker.call("logs", ran(docker, "echo a; echo b >&2", "-t")).out());
    }

    @Test
    void output_of_every_run_is_kept(Docker docker) {
        String name = ran(docker, "echo again");
        docker.ok("start", "-a", name);

        assertEquals(List.of("again", "again"), docker.call("logs", name).lines());
    }

    @Test
    void output_of_a_running_container_can_be_read(Docker docker) {
        String name = docker.name("running");
        docker.ok("run", "-d", "--name", name, Images.BUSYBOX, "sh", "-c", "echo early; sleep 100");

        Docker.await("the line is there", () -> docker.call("logs", name).out().equals("early\n"));
    }

    @Test
    void exec_output_is_not_logged(Docker docker) {
        String name = docker.sleeping("exec");
        docker.ok("exec", name, "echo", "not logged");

        assertEquals("", docker.ok("logs", name));
    }

    @Test
    void nothing_is_kept_with_the_driver_none(Docker docker) {
        String name = ran(docker, "echo x", "--log-driver", "none");

        docker.call("logs", name).exits(1).saysError("configured logging driver does not support reading");
    }

    @Test
    void max_size_and_max_file_bound_what_is_kept(Docker docker) {
        String name = ran(docker, "seq 1 20000", "--log-opt", "max-size=20k", "--log-opt", "max-file=3");

        List<String> lines = docker.call("logs", name).lines();

        assertEquals("20000", lines.getLast());
        assertTrue(lines.size() < 15_000 && lines.size() > 200, "kept " + lines.size());
        int first = Integer.parseInt(lines.getFirst());
        assertEquals(
                IntStream.rangeClosed(first, 20_000).mapToObj(Integer::toString).toList(), lines);
    }

    @Test
    void bad_log_options_are_refused(Docker docker) {
        docker.call("run", "--rm", "--log-opt", "nosuch=1", Images.BUSYBOX, "true")
                .exits(125)
                .saysError("unknown log opt 'nosuch' for json-file log driver");
        docker.call("run", "--rm", "--log-opt", "max-size=abc", Images.BUSYBOX, "true")
                .exits(125);
    }

    @Test
    void an_unknown_container_and_a_bad_time_are_refused(Docker docker) {
        docker.call("logs", docker.name("none")).exits(1).saysError("no such container: " + docker.name("none"));
        assertFalse(
                docker.call("logs", "--since", "nonsense", ran(docker, "true")).exitCode() == 0);
    }
}
