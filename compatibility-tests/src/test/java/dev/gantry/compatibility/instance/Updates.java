package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.GroupFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a container was given by an update, and by the Container Device Interface, while parts of the instance are killed. */
interface Updates {
    Instance instance();

    /** With devices of a vendor that is in no directory of this machine's own. */
    static Map<String, String> settings() throws IOException {
        Path directory = Files.createTempDirectory("gantry-cdi");
        directory.toFile().deleteOnExit();
        Path file = directory.resolve("vendor.yaml");
        Files.writeString(
                file,
                """
                cdiVersion: 0.5.0
                kind: gantry.test/thing
                devices:
                - name: one
                  containerEdits:
                    env: [ONE=1]
                    deviceNodes:
                    - path: /dev/one
                      hostPath: /dev/null
                containerEdits:
                  env: [ALL=yes]
                  mounts:
                  - hostPath: %s
                    containerPath: /vendor
                    options: [ro, bind]
                """
                        .formatted(directory));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        file.toFile().deleteOnExit();
        return Map.of("gantry.agent.cdi-directories", directory.toString());
    }

    @Test
    default void updates_outlive_every_part() throws Exception {
        try (Docker docker = instance().docker()) {
            String name = docker.sleeping("updated");
            docker.ok(
                    "update",
                    "--pids-limit",
                    "60",
                    "--memory",
                    "60m",
                    "--memory-swap",
                    "80m",
                    "--restart",
                    "always",
                    name);

            instance().kill(instance().parts());
            instance().up();

            assertEquals("60", GroupFile.PIDS.of(docker, name));
            docker.call("exec", name, "kill", "-TERM", "1");
            Docker.await(
                    "the new policy has started it",
                    () -> docker.inspect(name).path("RestartCount").asInt() > 0
                            && docker.inspect(name).at("/State/Running").asBoolean());
            assertEquals("60", GroupFile.PIDS.of(docker, name));
            assertEquals(Long.toString(60 << 20), GroupFile.MEMORY.of(docker, name));
            assertEquals(
                    "always",
                    docker.inspect(name).at("/HostConfig/RestartPolicy/Name").asText());
            docker.ok("update", "--restart", "no", "--pids-limit", "-1", name);
            assertEquals("max", GroupFile.PIDS.of(docker, name));
        }
    }

    @Test
    default void devices_of_vendors_are_found_by_their_names() {
        try (Docker docker = instance().docker()) {
            List<String> said = docker.call(
                            "run",
                            "--rm",
                            "--device",
                            "gantry.test/thing=one",
                            Images.BUSYBOX,
                            "sh",
                            "-c",
                            "echo $ONE $ALL; stat -c '%t %T' /dev/one; echo x > /dev/one && ls /vendor; touch /vendor/x")
                    .exits(1)
                    .saysError("Read-only file system")
                    .out()
                    .lines()
                    .toList();
            assertEquals(List.of("1 yes", "1 3", "vendor.yaml"), said);

            docker.call("run", "--rm", "--device", "gantry.test/thing=none", Images.BUSYBOX, "true")
                    .exits(125)
                    .saysError("CDI device injection failed: unresolvable CDI devices gantry.test/thing=none");
            assertTrue(docker.ok("ps", "-aq", "--filter", "name=" + docker.name(""))
                    .isEmpty());
        }
    }
}
