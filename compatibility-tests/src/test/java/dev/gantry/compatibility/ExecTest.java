package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code docker exec}. */
@EndpointTest
class ExecTest {
    @Test
    void runs_beside_the_main_process_and_returns_its_code(Docker docker) {
        String name = docker.sleeping("exec");

        Result result = docker.call("exec", name, "sh", "-c", "echo out; echo err >&2; exit 7");

        assertEquals("out\n", result.out());
        assertEquals("err\n", result.err());
        result.exits(7);
        assertEquals("running", docker.ok("inspect", "-f", "{{.State.Status}}", name));
    }

    @Test
    void sees_the_containers_processes_files_and_name(Docker docker) {
        String name = docker.sleeping("exec", "--hostname", "box");
        docker.ok("exec", name, "sh", "-c", "echo kept > /tmp/file");

        assertEquals("kept", docker.ok("exec", name, "cat", "/tmp/file"));
        assertEquals("box", docker.ok("exec", name, "hostname"));
        assertTrue(docker.ok("exec", name, "cat", "/proc/1/cmdline").startsWith("sh"));
    }

    @Test
    void i_passes_input_and_its_end(Docker docker) {
        String name = docker.sleeping("exec");
        byte[] input = "0123456789abcdef\n".repeat(50_000).getBytes(StandardCharsets.UTF_8);

        assertEquals(
                Images.sha256(input) + "  -",
                docker.callWithInput(input, "exec", "-i", name, "sha256sum").text());
        assertEquals("", docker.callWithInput(input, "exec", name, "cat").text());
    }

    @Test
    void t_gives_a_terminal(Docker docker) {
        String name = docker.sleeping("exec");

        assertEquals(
                "yes\r\n",
                docker.call("exec", "-t", name, "sh", "-c", "test -t 0 && echo yes")
                        .out());
    }

    @Test
    void a_shell_in_a_terminal_can_be_typed_at(Docker docker) throws Exception {
        String name = docker.sleeping("exec");
        Process shell = docker.startInTerminal("exec", "-it", name, "sh");
        Docker.awaitOnScreen(shell, "#");

        shell.getOutputStream().write("echo $((6*7)); exit 5\n".getBytes(StandardCharsets.UTF_8));
        shell.getOutputStream().flush();
        String screen = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertTrue(screen.contains("42\r\n"), screen);
        assertTrue(shell.waitFor(20, TimeUnit.SECONDS));
        assertEquals(5, shell.exitValue());
    }

    @Test
    void d_returns_at_once(Docker docker) {
        String name = docker.sleeping("exec");

        assertEquals("", docker.ok("exec", "-d", name, "sh", "-c", "sleep 0.5; echo done > /tmp/done"));

        assertFalse(docker.call("exec", name, "cat", "/tmp/done").exitCode() == 0);
        Docker.await(
                "it is done",
                () -> docker.call("exec", name, "cat", "/tmp/done").exitCode() == 0);
    }

    @Test
    void environment_user_and_directory_are_its_own(Docker docker) {
        String name = docker.sleeping("exec", "-e", "A=container", "-e", "B=container");

        assertEquals(
                "exec container 1000 /tmp",
                docker.ok(
                        "exec",
                        "-e",
                        "A=exec",
                        "-u",
                        "app",
                        "-w",
                        "/tmp",
                        name,
                        "sh",
                        "-c",
                        "echo $A $B $(id -u) $(pwd)"));
        assertEquals("1000:2000", docker.ok("exec", "-u", "1000:2000", name, "sh", "-c", "echo $(id -u):$(id -g)"));
    }

    @Test
    void takes_over_the_containers_user_and_directory(Docker docker) {
        String name = docker.sleeping("exec", "-u", "app", "-w", "/work");

        assertEquals("1000 /work", docker.ok("exec", name, "sh", "-c", "echo $(id -u) $(pwd)"));
    }

    @Test
    void a_missing_command_exits_with_126_as_no_program_does(Docker docker) {
        String name = docker.sleeping("exec");

        Result missing = docker.call("exec", name, "nosuchprogram").exits(126);
        assertTrue((missing.out() + missing.err()).contains("nosuchprogram"), missing::toString);
        docker.call("exec", name, "/etc/passwd").exits(126);
    }

    @Test
    void a_user_or_directory_that_there_is_not_is_told_in_the_stream(Docker docker) {
        String name = docker.sleeping("exec");

        for (String[] flag : new String[][] {
            {"-u", "nosuch", "unable to find user nosuch: no matching entries in passwd file"},
            {"-u", "1:nosuch", "unable to find group nosuch: no matching entries in group file"},
            {"-w", "nosuch", "OCI runtime exec failed: exec failed: Cwd must be an absolute path: unknown"},
            {"-w", "/no/such", "chdir to cwd (\"/no/such\") set in config.json failed: no such file or directory"}
        }) {
            Result result = docker.call("exec", flag[0], flag[1], name, "true").exits(126);
            assertTrue(result.out().contains(flag[2]), result::toString);
        }
        docker.call("exec", "-d", "-u", "nosuch", name, "true")
                .exits(1)
                .saysError("unable to find user nosuch: no matching entries in passwd file");
        docker.ok("exec", name, "true");
    }

    @Test
    void is_refused_where_nothing_runs(Docker docker) {
        String created = docker.name("created");
        docker.ok("create", "--name", created, Images.BUSYBOX);
        String paused = docker.sleeping("paused");
        docker.ok("pause", paused);

        docker.call("exec", created, "true").exits(1).saysError("container [0-9a-f]{64} is not running");
        docker.call("exec", paused, "true")
                .exits(1)
                .saysError("container " + paused + " is paused, unpause the container before exec");
        docker.call("exec", docker.name("none"), "true")
                .exits(1)
                .saysError("no such container: " + docker.name("none"));
        docker.ok("unpause", paused);
    }

    @Test
    void inspect_tells_of_it_while_it_runs_and_afterwards(Docker docker, Engine engine) {
        String name = docker.sleeping("exec");
        String exec = engine.post(
                        "/containers/" + name + "/exec",
                        "{\"AttachStdout\":true,\"Cmd\":[\"sh\",\"-c\",\"exit 3\"],\"Env\":[\"A=b\"],\"User\":\"app\"}")
                .is(201)
                .json()
                .get("Id")
                .asText();
        assertTrue(exec.matches("[0-9a-f]{64}"));
        assertFalse(engine.get("/exec/" + exec + "/json")
                .is(200)
                .json()
                .get("Running")
                .asBoolean());

        engine.post("/exec/" + exec + "/start", "{\"Detach\":true}").is(200);
        Docker.await("it ended", () -> engine.get("/exec/" + exec + "/json")
                .json()
                .path("ExitCode")
                .asText()
                .equals("3"));

        var after = engine.get("/exec/" + exec + "/json").is(200).json();
        assertFalse(after.get("Running").asBoolean());
        assertEquals("sh", after.at("/ProcessConfig/entrypoint").asText());
        assertEquals("exit 3", after.at("/ProcessConfig/arguments/1").asText());
        assertEquals("app", after.at("/ProcessConfig/user").asText());
        assertEquals(
                docker.ok("inspect", "-f", "{{.Id}}", name),
                after.get("ContainerID").asText());
        engine.get("/exec/" + "0".repeat(64) + "/json").is(404);
    }

    @Test
    void without_a_command_it_is_refused(Docker docker, Engine engine) {
        String name = docker.sleeping("exec");

        assertEquals(
                "no exec command specified",
                engine.post("/containers/" + name + "/exec", "{\"Cmd\":[]}")
                        .is(400)
                        .message()
                        .toLowerCase(java.util.Locale.ROOT));
    }

    @Test
    void ends_with_its_container(Docker docker) throws Exception {
        String name = docker.sleeping("exec");
        Process exec = docker.start("exec", name, "sh", "-c", "echo here; sleep 100");
        assertEquals("here", exec.inputReader().readLine());

        docker.ok("kill", name);

        assertTrue(exec.waitFor(20, TimeUnit.SECONDS), "the exec outlives its container");
        assertEquals(137, exec.exitValue());
    }

    @Test
    void has_no_more_capabilities_than_its_container(Docker docker) {
        String name = docker.sleeping("exec", "--cap-drop", "ALL", "--cap-add", "CHOWN");

        assertEquals("0000000000000001", capabilities(docker.ok("exec", name, "cat", "/proc/self/status")));
    }

    private static String capabilities(String status) {
        return status.lines()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> line.substring(7).strip())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void twenty_at_once_all_answer(Docker docker) {
        String name = docker.sleeping("exec");
        var clients = java.util.stream.IntStream.range(0, 20)
                .mapToObj(n -> docker.start("exec", name, "echo", "n" + n))
                .toList();

        for (int n = 0; n < clients.size(); n++) {
            assertEquals(
                    "n" + n, clients.get(n).inputReader().lines().findFirst().orElse("nothing"));
        }
    }
}
