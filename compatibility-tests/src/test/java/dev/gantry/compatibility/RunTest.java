package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docker run}: streams, exit codes and what becomes of the container. */
@EndpointTest
class RunTest {
    private static final int CLIENTS = 50;

    @Test
    void prints_what_the_program_prints(Docker docker) {
        assertEquals(
                "hi\n", docker.call("run", "--rm", Images.BUSYBOX, "echo", "hi").out());
    }

    @Test
    void keeps_standard_output_and_error_apart(Docker docker) {
        Result result = docker.call("run", "--rm", Images.BUSYBOX, "sh", "-c", "echo out; echo err >&2");

        assertEquals("out\n", result.out());
        assertEquals("err\n", result.err());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 125, 126, 127, 200, 255})
    void exits_as_the_program_does(int code, Docker docker) {
        docker.call("run", "--rm", Images.BUSYBOX, "sh", "-c", "exit " + code).exits(code);
    }

    /** As many clients as a machine carries; behind each is a program whose output, exit code and end must be its own. */
    @Test
    void two_hundred_runs_together_are_each_right(Docker docker) throws Exception {
        int runs = 200;
        String label = docker.name("many");
        List<Future<Result>> results = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < runs; i++) {
                String program = "echo out-" + i + "; exit " + i % 100;
                results.add(clients.submit(() ->
                        docker.callWithin(600, "run", "--rm", "--label", label, Images.BUSYBOX, "sh", "-c", program)));
            }
        }

        for (int i = 0; i < runs; i++) {
            Result result = results.get(i).get();
            assertEquals("out-" + i + "\n", result.out(), result::toString);
            result.exits(i % 100);
        }
        assertEquals("", docker.ok("ps", "-aq", "--filter", "label=" + label));
    }

    @Test
    void a_program_killed_by_a_signal_exits_with_128_and_its_number(Docker docker) {
        docker.call("run", "--rm", Images.BUSYBOX, "sh", "-c", "sh -c 'kill -9 $$'; exit $?")
                .exits(137);
    }

    @Test
    void a_missing_command_exits_with_127(Docker docker) {
        docker.call("run", "--rm", Images.BUSYBOX, "nosuchprogram")
                .exits(127)
                .saysError("nosuchprogram.*executable file not found in \\$PATH");
        docker.call("run", "--rm", Images.BUSYBOX, "/no/such").exits(127).saysError("no such file or directory");
    }

    @Test
    void a_file_that_is_no_program_exits_with_126(Docker docker) {
        docker.call("run", "--rm", Images.BUSYBOX, "/etc/passwd").exits(126).saysError("permission denied");
    }

    @Test
    void a_container_that_could_not_start_stays_in_state_created(Docker docker) {
        String name = docker.name("unstarted");

        docker.call("run", "--name", name, Images.BUSYBOX, "nosuchprogram").exits(127);

        assertEquals("created 127", docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name));
        assertTrue(docker.ok("inspect", "-f", "{{.State.Error}}", name).contains("nosuchprogram"));
    }

    @Test
    void a_refused_option_exits_with_125(Docker docker) {
        docker.call("run", "--rm", "-m", "1m", Images.BUSYBOX, "true")
                .exits(125)
                .saysError("minimum memory limit allowed is 6MB");
        docker.call("run", "--rm", "--network", "nosuchnetwork", Images.BUSYBOX, "true")
                .exits(125)
                .saysError("network nosuchnetwork not found");
    }

    @Test
    void passes_standard_input_and_its_end(Docker docker) {
        byte[] input = "one\ntwo\n".repeat(20_000).getBytes(StandardCharsets.UTF_8);

        Result result = docker.callWithInput(input, "run", "-i", "--rm", Images.BUSYBOX, "sha256sum");

        assertEquals(Images.sha256(input) + "  -", result.text());
    }

    @Test
    void without_i_standard_input_is_empty(Docker docker) {
        assertEquals(
                "",
                docker.callWithInput(new byte[] {'x'}, "run", "--rm", Images.BUSYBOX, "cat")
                        .text());
    }

    @Test
    void output_after_the_end_of_input_still_arrives(Docker docker) {
        Result result = docker.callWithInput(
                "in\n".getBytes(StandardCharsets.UTF_8),
                "run",
                "-i",
                "--rm",
                Images.BUSYBOX,
                "sh",
                "-c",
                "cat; sleep 0.5; echo late");

        assertEquals("in\nlate\n", result.out());
    }

    @Test
    void large_output_arrives_whole(Docker docker) {
        Result result = docker.call("run", "--rm", Images.BUSYBOX, "sh", "-c", "seq 1 300000; echo end >&2; exit 3");

        assertEquals(3, result.exitCode());
        assertEquals(300_000, result.out().lines().count());
        assertTrue(result.out().endsWith("300000\n"));
    }

    @Test
    void t_gives_a_terminal(Docker docker) {
        Result result = docker.call("run", "-t", "--rm", Images.BUSYBOX, "sh", "-c", "test -t 0 && test -t 1 && tty");

        assertEquals("/dev/pts/0\r\n", result.out());
    }

    @Test
    void a_shell_in_a_terminal_can_be_typed_at(Docker docker) throws Exception {
        Process shell = docker.startInTerminal("run", "-it", "--rm", Images.BUSYBOX, "sh");
        Docker.awaitOnScreen(shell, "#");

        shell.getOutputStream().write("echo $((6*7)); stty size; exit 5\n".getBytes(StandardCharsets.UTF_8));
        shell.getOutputStream().flush();
        String screen = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertTrue(screen.contains("42\r\n"), screen);
        assertTrue(shell.waitFor(20, TimeUnit.SECONDS));
        assertEquals(5, shell.exitValue());
    }

    @Test
    void detaching_from_a_terminal_leaves_the_container_running(Docker docker) throws Exception {
        String name = docker.name("detached");
        Process shell = docker.startInTerminal("run", "-it", "--name", name, Images.BUSYBOX, "sh");
        Docker.awaitOnScreen(shell, "#");

        shell.getOutputStream().write(new byte[] {16, 17});
        shell.getOutputStream().flush();

        assertTrue(shell.waitFor(20, TimeUnit.SECONDS), "the client is still there");
        assertEquals("running", docker.ok("inspect", "-f", "{{.State.Status}}", name));
    }

    @Test
    void d_prints_the_id_and_returns(Docker docker) {
        String id = docker.ok("run", "-d", "--name", docker.name("d"), Images.BUSYBOX, "sleep", "100");

        assertTrue(id.matches("[0-9a-f]{64}"), id);
        assertEquals("true", docker.ok("inspect", "-f", "{{.State.Running}}", id));
    }

    @Test
    void rm_removes_the_container_before_the_client_exits(Docker docker) {
        String name = docker.name("gone");

        docker.ok("run", "--rm", "--name", name, Images.BUSYBOX, "true");

        docker.call("inspect", name).exits(1).saysError("no such object");
    }

    @Test
    void without_a_name_one_is_made_of_an_adjective_and_a_surname(Docker docker) {
        String id = docker.ok("create", "--label", docker.name("generated"), Images.BUSYBOX);

        String generated = docker.ok("inspect", "-f", "{{.Name}}", id);
        docker.ok("rm", id);
        assertTrue(generated.matches("/[a-z]+_[a-z]+\\d?"), generated);
    }

    @Test
    void the_images_settings_are_taken_over(Docker docker) {
        assertEquals("entry default", docker.ok("run", "--rm", Images.CONFIGURED));
        assertEquals("entry other args", docker.ok("run", "--rm", Images.CONFIGURED, "other", "args"));
        assertEquals(
                "uid=1000(app) gid=1000(app) groups=1000(app),2000(extra)",
                docker.ok("run", "--rm", "--entrypoint", "id", Images.CONFIGURED));
        assertEquals("/work/dir", docker.ok("run", "--rm", "--entrypoint", "pwd", Images.CONFIGURED));
        assertEquals(
                "yes", docker.ok("run", "--rm", "--entrypoint", "sh", Images.CONFIGURED, "-c", "echo $FROM_IMAGE"));
    }

    @Test
    void entrypoint_replaces_the_images_and_drops_its_command(Docker docker) {
        assertEquals("x", docker.ok("run", "--rm", "--entrypoint", "/bin/echo", Images.CONFIGURED, "x"));
        assertEquals("", docker.ok("run", "--rm", "--entrypoint", "/bin/echo", Images.CONFIGURED));
    }

    @Test
    void environment_is_set_replaced_and_taken_from_a_file(Docker docker, @TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("env"), "# comment\nFROM_FILE=file\nFROM_IMAGE=replaced\n");

        List<String> environment = docker.call(
                        "run",
                        "--rm",
                        "-e",
                        "A=b c",
                        "-e",
                        "EMPTY=",
                        "--env-file",
                        file.toString(),
                        "--hostname",
                        "box",
                        "--entrypoint",
                        "env",
                        Images.CONFIGURED)
                .lines();

        assertTrue(environment.containsAll(
                List.of("A=b c", "EMPTY=", "FROM_FILE=file", "FROM_IMAGE=replaced", "HOSTNAME=box", "HOME=/home/app")));
        assertTrue(environment.stream().anyMatch(line -> line.startsWith("PATH=/usr/local/sbin")));
    }

    @Test
    void a_terminal_sets_TERM(Docker docker) {
        assertEquals("xterm", docker.ok("run", "-t", "--rm", Images.BUSYBOX, "sh", "-c", "echo $TERM"));
    }

    @Test
    void w_sets_the_directory_and_makes_it(Docker docker) {
        assertEquals("/made/for/it", docker.ok("run", "--rm", "-w", "/made/for/it", Images.BUSYBOX, "pwd"));
        docker.call("run", "--rm", "-w", "relative", Images.BUSYBOX, "pwd")
                .exits(125)
                .saysError("working directory 'relative' is invalid|needs to be an absolute path");
    }

    @Test
    void u_takes_names_and_numbers_with_the_images_groups(Docker docker) {
        assertEquals("1000:1000:1000 2000", user(docker, "app"));
        assertEquals("1000:1000:1000 2000", user(docker, "1000"));
        assertEquals("1000:0:0", user(docker, "app:root").replace(" 2000", ""));
        assertEquals("1234:0:0", user(docker, "1234"));
        assertEquals("1234:4321:4321", user(docker, "1234:4321"));
        docker.call("run", "--rm", "-u", "nosuchuser", Images.BUSYBOX, "id")
                .saysError("unable to find user nosuchuser: no matching entries in passwd file");
    }

    private static String user(Docker docker, String user) {
        return docker.ok("run", "--rm", "-u", user, Images.BUSYBOX, "sh", "-c", "echo $(id -u):$(id -g):$(id -G)");
    }

    @Test
    void group_add_adds_groups(Docker docker) {
        assertEquals(
                "0 7 2000",
                docker.ok(
                        "run",
                        "--rm",
                        "--group-add",
                        "extra",
                        "--group-add",
                        "7",
                        Images.BUSYBOX,
                        "sh",
                        "-c",
                        "id -G | tr ' ' '\\n' | sort -n | uniq | tr '\\n' ' '"));
    }

    @Test
    void every_container_has_dockers_own_files(Docker docker) {
        String script = "ls -l /.dockerenv | cut -c1-10; readlink /etc/mtab; df / | wc -l";

        assertEquals("-rwxr-xr-x\n/proc/mounts\n2", docker.ok("run", "--rm", Images.BUSYBOX, "sh", "-c", script));
        String name = docker.sleeping("unwritten");
        assertEquals(
                "0B",
                docker.ok("ps", "-s", "--filter", "name=" + name, "--format", "{{.Size}}")
                        .replaceAll(" .*", ""));
    }

    @Test
    void hostname_defaults_to_the_short_id(Docker docker) {
        String name = docker.name("host");
        docker.ok("run", "--name", name, Images.BUSYBOX, "hostname");

        assertEquals(docker.ok("inspect", "-f", "{{.Id}}", name).substring(0, 12), docker.ok("logs", name));
        assertEquals("box", docker.ok("run", "--rm", "--hostname", "box", Images.BUSYBOX, "hostname"));
    }

    @Test
    void init_is_process_one_and_reaps(Docker docker) {
        String first = docker.ok("run", "--rm", "--init", Images.BUSYBOX, "sh", "-c", "cat /proc/1/comm; echo $$");

        assertTrue(first.matches("(docker-init|tini|catatonit|init)\n[2-9]\\d*"), first);
    }

    @Test
    void signals_to_the_client_reach_the_program(Docker docker) throws Exception {
        Process client = docker.start(
                "run",
                "--rm",
                "--name",
                docker.name("signal"),
                Images.BUSYBOX,
                "sh",
                "-c",
                "trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.1; done");
        assertEquals("ready", client.inputReader().readLine());

        // Process.destroy would close the streams as well.
        client.toHandle().destroy();

        assertEquals("caught", client.inputReader().readLine());
        assertEquals(9, client.waitFor());
    }

    @Test
    void the_cidfile_has_the_id(Docker docker, @TempDir Path directory) throws Exception {
        Path file = directory.resolve("cid");

        docker.ok("run", "--name", docker.name("cid"), "--cidfile", file.toString(), Images.BUSYBOX, "true");

        assertEquals(docker.ok("inspect", "-f", "{{.Id}}", docker.name("cid")), Files.readString(file));
    }

    @Test
    void a_taken_name_is_refused_with_its_holder(Docker docker) {
        String name = docker.name("taken");
        String id = docker.ok("create", "--name", name, Images.BUSYBOX);

        docker.call("run", "--name", name, Images.BUSYBOX, "true")
                .exits(125)
                .saysError("Conflict. The container name \"/" + name + "\" is already in use by container \"" + id
                        + "\". You have to remove \\(or rename\\) that container");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-leading", "sp ace", "sla/sh", "a", "ümlaut"})
    void a_bad_name_is_refused(String bad, Docker docker) {
        docker.call("create", "--name=" + bad, Images.BUSYBOX)
                .exits(1)
                .saysError("Invalid container name \\(.*\\), only \\[a-zA-Z0-9]\\[a-zA-Z0-9_.-] are allowed");
    }

    @Test
    void ten_at_once_all_succeed(Docker docker) {
        List<Process> clients = java.util.stream.IntStream.range(0, 10)
                .mapToObj(n -> docker.start("run", "--rm", Images.BUSYBOX, "echo", "n" + n))
                .toList();

        for (int n = 0; n < clients.size(); n++) {
            String line = clients.get(n).inputReader().lines().findFirst().orElse("nothing");
            assertEquals("n" + n, line);
        }
    }

    @Test
    void what_one_container_writes_no_other_sees(Docker docker) {
        docker.ok("run", "--rm", Images.BUSYBOX, "sh", "-c", "echo changed > /data/seed; rm /bin/ls");

        assertEquals("from the image", docker.ok("run", "--rm", Images.BUSYBOX, "cat", "/data/seed"));
        assertFalse(docker.ok("run", "--rm", Images.BUSYBOX, "ls", "/").isEmpty());
    }
}
