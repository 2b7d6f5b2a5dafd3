package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What commands leave behind on the host: nothing. */
@EndpointTest
class HostHygieneTest {
    /** Counts of what a container is made of; other programs on the machine may disturb them, so they are compared twice. */
    private static Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        counts.put("mounts", lines("cat", "/proc/self/mounts"));
        counts.put("interfaces", lines("ls", "/sys/class/net"));
        counts.put(
                "network namespaces",
                lines("sh", "-c", "cat /proc/self/mounts | grep nsfs; ls /run/netns 2>/dev/null"));
        counts.put("nft rules", lines("nft", "list", "ruleset"));
        counts.put("cgroups", lines("find", "/sys/fs/cgroup", "-type", "d"));
        counts.put("monitors", processes("conmon", "containerd-shim", "docker-proxy", "crun", "runc"));
        return counts;
    }

    private static long lines(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }

    private static long processes(String... names) {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .map(HostHygieneTest::name)
                    .filter(name -> Stream.of(names).anyMatch(name::startsWith))
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }

    private static String name(Path process) {
        try {
            return Files.readString(process.resolve("comm")).strip();
        } catch (IOException ended) {
            return "";
        }
    }

    private static void leavesNothing(Docker docker, Runnable commands) {
        Assumptions.assumeTrue(docker.endpoint().local(), "the endpoint is on another machine");
        commands.run();
        Map<String, Long> before = settled();

        commands.run();

        long end = System.nanoTime() + 15_000_000_000L;
        Map<String, Long> after = counts();
        while (!after.equals(before) && System.nanoTime() < end) {
            Docker.pause(250);
            after = counts();
        }
        assertEquals(before, after);
    }

    /** What earlier tests ended may take its time to go. */
    private static Map<String, Long> settled() {
        Map<String, Long> last = counts();
        for (int same = 0, i = 0; same < 6 && i < 60; i++) {
            Docker.pause(500);
            Map<String, Long> now = counts();
            same = now.equals(last) ? same + 1 : 0;
            last = now;
        }
        return last;
    }

    @Test
    void runs_that_end_by_themselves(Docker docker) {
        leavesNothing(docker, () -> {
            for (int i = 0; i < 5; i++) {
                docker.ok("run", "--rm", "-p", "80", "-v", "/anonymous", Images.BUSYBOX, "true");
            }
        });
    }

    @Test
    void containers_that_are_killed_and_removed(Docker docker) {
        leavesNothing(docker, () -> {
            String name = docker.sleeping("killed", "-p", "80", "-m", "32m", "--tmpfs", "/t");
            docker.ok("exec", name, "true");
            docker.ok("kill", name);
            docker.ok("start", name);
            docker.ok("rm", "-fv", name);
        });
    }

    @Test
    void starts_that_fail(Docker docker) {
        leavesNothing(docker, () -> {
            for (String command : new String[] {"nosuchprogram", "/etc/passwd"}) {
                docker.call("run", "--name", docker.name("failing"), "-p", "80", Images.BUSYBOX, command);
                docker.ok("rm", "-v", docker.name("failing"));
            }
        });
    }

    @Test
    void execs_that_are_left_and_clients_that_die(Docker docker) {
        leavesNothing(docker, () -> {
            String name = docker.sleeping("left");
            Process client = docker.start("exec", name, "sh", "-c", "echo here; sleep 100");
            Docker.awaitOnScreen(client, "here");
            client.destroyForcibly();
            docker.ok("rm", "-f", name);
        });
    }
}
