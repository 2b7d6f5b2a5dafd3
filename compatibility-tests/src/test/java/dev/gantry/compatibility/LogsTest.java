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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "labels=l1                                       | l1=a hi",
                "labels=l2,l1,nosuch                             | l1=a,l2=b+c hi",
                "env=E1,E2                                       | E1=v+1,E2=v%2C2 hi",
                "env-regex=^E                                    | E1=v+1,E2=v%2C2 hi",
                "labels=l1 env=F labels-regex=2 env-regex=F      | F=x%3Dy,l1=a,l2=b+c hi",
                "tag={{.ID}}/{{.ImageName}}                      | ~tag=*%2F~",
                "tag=                                            | ~ hi~"
            })
    void details_are_what_the_options_name(String options, String line, Docker docker) {
        String name = docker.name("details");
        List<String> command = new ArrayList<>(List.of("run", "--name", name));
        for (String option : options.strip().split(" ")) {
            command.addAll(List.of("--log-opt", option));
        }
        for (String label : List.of("l1=a", "l2=b c")) {
            command.addAll(List.of("--label", label));
        }
        for (String variable : List.of("E1=v 1", "E2=v,2", "F=x=y")) {
            command.addAll(List.of("-e", variable));
        }
        command.addAll(List.of(Images.BUSYBOX, "echo", "hi"));
        docker.ok(command.toArray(String[]::new));

        // dockerd may write it a moment after the end.
        docker.awaitOutput(name, "hi");
        String seen = docker.call("logs", "--details", name).out().stripTrailing();

        assertTrue(line.contains("*") ? seen.matches("tag=[0-9a-f]{12}%2F.* hi") : seen.equals(line), seen);
        assertEquals("hi", docker.ok("logs", name));
    }

    @Test
    void local_is_a_driver(Docker docker) {
        String name = ran(docker, "seq 1 20000", "--log-driver", "local", "--log-opt", "max-size=20k");

        assertEquals("20000", docker.call("logs", name).lines().getLast());
        assertEquals(
                List.of("19999", "20000"),
                docker.call("logs", "--tail", "2", name).lines());
        assertTrue(docker.call("logs", name).lines().size() < 20_000);
        assertEquals("", docker.inspect(name).path("LogPath").asText());
        assertEquals(
                "local", docker.inspect(name).at("/HostConfig/LogConfig/Type").asText());
        assertTrue(docker.ok("info", "--format", "{{.Plugins.Log}}").contains("local"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "json-file | nosuch=1           | unknown log opt 'nosuch' for json-file log driver",
                "json-file | mode=foo           | logger: logging mode not supported: foo",
                "json-file | max-buffer-size=1m | logger: max-buffer-size option is only supported with 'mode=non-blocking'",
                "local     | nosuch=1           | unknown log opt 'nosuch' for log driver local",
                "local     | labels=x           | unknown log opt 'labels' for log driver local"
            })
    void options_that_a_driver_does_not_know_make_no_container(
            String driver, String option, String words, Docker docker) {
        String name = docker.name("refused");

        docker.call("create", "--name", name, "--log-driver", driver, "--log-opt", option, Images.BUSYBOX)
                .exits(1)
                .saysError(Pattern.quote(words));
        docker.call("inspect", name).exits(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "json-file | max-size=x     | invalid size: 'x'",
                "json-file | max-size=0     | max-size must be a positive number",
                "json-file | max-file=0     | max-file cannot be less than 1",
                "json-file | compress=true  | compress cannot be true when max-file is less than 2 or max-size is not set",
                "json-file | labels-regex=( | error parsing regexp: missing closing ): `(`",
                "json-file | tag={{.Foo}}   | template: log-tag:1:2: executing \"log-tag\" at <.Foo>: can't evaluate field Foo"
                        + " in type *logger.Info",
                "json-file | tag={{         | template: log-tag:1: unclosed action",
                "local     | max-size=x     | invalid value for max-size: x: invalid size: 'x'",
                "local     | max-file=1     | compression cannot be enabled when max file count is 1",
                "local     | compress=x     | error reading compress log option: strconv.ParseBool: parsing \"x\": invalid"
                        + " syntax"
            })
    void values_that_make_no_sense_fail_the_start(String driver, String option, String words, Docker docker) {
        String name = docker.name("refused");
        docker.ok("create", "--name", name, "--log-driver", driver, "--log-opt", option, Images.BUSYBOX, "true");

        docker.call("start", name)
                .exits(1)
                .saysError(Pattern.quote(
                        "failed to create task for container: failed to initialize logging driver: " + words));
    }

    @Test
    void max_file_alone_bounds_nothing(Docker docker) {
        String name = ran(docker, "seq 1 2000", "--log-opt", "max-file=2");

        assertEquals(2000, docker.call("logs", name).lines().size());
    }

    @Test
    void logs_that_hold_nobody_up_are_kept(Docker docker) {
        String name = ran(docker, "seq 1 10", "--log-opt", "mode=non-blocking", "--log-opt", "max-buffer-size=4m");

        assertEquals(10, docker.call("logs", name).lines().size());
    }
}
