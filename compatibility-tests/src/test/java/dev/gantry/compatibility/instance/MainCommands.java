package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.ImageFormat;
import dev.gantry.compatibility.fixtures.LayerCompression;
import dev.gantry.compatibility.fixtures.LoopbackRegistry;
import dev.gantry.compatibility.fixtures.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What must work in every topology, so that no service counts on another being in its process. */
interface MainCommands {
    Instance instance();

    /** Where the instance keeps its state. */
    default Database database() {
        return Database.of(instance());
    }

    @Test
    default void main_commands() throws Exception {
        try (Docker docker = instance().docker()) {
            String begin = docker.ok("info", "--format", "{{.SystemTime}}");
            String volume = docker.name("v");
            docker.ok("volume", "create", volume);
            docker.callWithInput(
                            "from stdin".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                            "run",
                            "-i",
                            "--rm",
                            "-v",
                            volume + ":/v",
                            Images.BUSYBOX,
                            "sh",
                            "-c",
                            "cat >/v/file; exit 3")
                    .exits(3);
            String name = docker.name("d");
            docker.ok(
                    "run",
                    "-d",
                    "--name",
                    name,
                    "-p",
                    "127.0.0.1::80",
                    "-v",
                    volume + ":/v",
                    Images.BUSYBOX,
                    "sh",
                    "-c",
                    "trap 'exit 4' TERM; cat /v/file; httpd -h /v; while :; do sleep 1000 & wait $!; done");
            Docker.await("it has printed", () -> docker.ok("logs", name).equals("from stdin"));

            assertEquals("from stdin", docker.ok("exec", name, "cat", "/v/file"));
            assertEquals(
                    "from stdin",
                    docker.ok("exec", name, "wget", "-qO-", "http://127.0.0.1/file"),
                    "a server in the container");
            assertEquals(name + " running", docker.ok("ps", "--format", "{{.Names}} {{.State}}"));
            assertTrue(docker.ok("port", name, "80").matches("127\\.0\\.0\\.1:\\d+"));
            docker.ok("stop", name);
            assertEquals("4", docker.ok("inspect", "-f", "{{.State.ExitCode}}", name));
            docker.ok("rm", name);
            docker.ok("volume", "rm", volume);

            assertEquals("", docker.ok("ps", "-aq"));
            assertEquals(
                    List.of("bridge", "host", "none"),
                    docker.call("network", "ls", "--format", "{{.Name}}").lines());
            List<String> events = docker
                    .call(
                            "events",
                            "--since",
                            begin,
                            "--until",
                            docker.ok("info", "--format", "{{.SystemTime}}"),
                            "--filter",
                            "container=" + name,
                            "--filter",
                            "type=container",
                            "--format",
                            "{{.Action}}")
                    .lines()
                    .stream()
                    .filter(action -> !action.startsWith("exec"))
                    .toList();
            assertEquals(List.of("create", "start", "kill", "die", "stop", "destroy"), events);
        }
    }

    /** The client runs as another user, in the socket's group. */
    @Test
    default void facts_tell_who_asked() throws Exception {
        Path socket = instance().endpoint().socket();
        int group = (int) Files.getAttribute(socket, "unix:gid");
        try (Docker docker = instance().docker()) {
            String name = docker.name("asked");
            for (List<String> arguments : List.of(
                    List.of("run", "-d", "--name", name, Images.BUSYBOX, "sleep", "1000"),
                    List.of("exec", name, "true"),
                    List.of("pause", name),
                    List.of("unpause", name),
                    List.of("kill", name),
                    List.of("rm", "-f", name),
                    List.of("tag", Images.BUSYBOX, docker.reference("asked:1")),
                    List.of("volume", "create", docker.name("asked")))) {
                List<String> command = new ArrayList<>(List.of(
                        "setpriv",
                        "--reuid=64321",
                        "--regid=" + group,
                        "--clear-groups",
                        "docker",
                        "-H",
                        "unix://" + socket));
                command.addAll(arguments);
                Commands.lines(new ProcessBuilder(command));
            }
            String asked =
                    "select string_agg(distinct split_part(action, ':', 1), ' ') from event.entry where actor like"
                            + " 'local uid=64321 gid=" + group + " pid=%'"
                            // The end of the program frees its address, or the rm does: whichever is first.
                            + " and action <> 'disconnect'";
            Docker.await(
                    "what the log has of the asker",
                    List.of("connect create destroy exec_create exec_start kill pause start tag unpause"),
                    () -> database().query(asked));
        }
    }

    @Test
    default void images() throws Exception {
        assumeTrue(LoopbackRegistry.isInstalled(), "docker-registry is not installed");
        try (Docker docker = instance().docker();
                LoopbackRegistry registry = LoopbackRegistry.start()) {
            String reference = registry.push(
                    "topology",
                    docker.name("t"),
                    TestImages.manyLayers(4).published(ImageFormat.OCI, LayerCompression.GZIP));
            String other = docker.reference("other:1");
            docker.removeLater(reference);

            docker.ok("pull", reference);
            docker.ok("tag", reference, other);

            assertEquals("3", docker.ok("run", "--rm", other, "cat", "/layer-3"));
            assertTrue(docker.call("images", "-q", other).lines().size() == 1);
        }
    }
}
