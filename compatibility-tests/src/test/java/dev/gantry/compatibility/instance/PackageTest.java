package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code gantry package} makes is looked at, and run. */
@InstanceTest
class PackageTest {
    /** Of systemd-analyze, in tenths. */
    private static final int MOST_EXPOSURE = 50;

    @TempDir
    static Path directory;

    private static Path archive;
    private static Path deb;

    @BeforeAll
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    static void make() throws IOException {
        Launcher.Outcome outcome = Launcher.pack(List.of("package", "--out", directory.toString()));

        assertEquals(0, outcome.exitCode(), outcome.printed());
        archive = made("gantry-*-linux-*.tar.gz");
        deb = made("gantry_*.deb");
    }

    private static Path made(String glob) throws IOException {
        try (var files = Files.newDirectoryStream(directory, glob)) {
            return files.iterator().next();
        }
    }

    @Test
    void archive_runs_without_sources_and_a_jdk_of_the_machine() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Commands.lines("tar", "-xzf", archive.toString(), "-C", elsewhere.toString(), "--strip-components=1");
        Path program = elsewhere.resolve("gantry");

        try (Instance instance = Instance.start(program, Topology.TOGETHER, Map.of(), "022")) {
            assertTrue(Launcher.call(program, List.of("version")).printed().matches("Gantry \\S+\n"));
            Launcher.Outcome refused = Launcher.call(program, List.of("test"));
            assertEquals(2, refused.exitCode());
            assertEquals(List.of("gantry: test needs the sources of Gantry"), refused.lines());
            assertEquals(0, instance.launcher("status").exitCode());
            List<String> examined = instance.launcher("doctor").lines();
            assertEquals(
                    List.of(),
                    examined.stream()
                            .filter(line -> !line.matches("(ok|WRONG| |gantry:) .*"))
                            .toList());

            Docker docker = instance.docker();
            assertEquals("hi", docker.ok("run", "--rm", Images.BUSYBOX, "echo", "hi"));
            docker.ok("run", "-d", "--name", "kept", Images.BUSYBOX, "sleep", "1000");
            instance.kill(instance.parts());
            instance.up();
            assertEquals("running", docker.ok("inspect", "-f", "{{.State.Status}}", "kept"));
            // It starts with the caches that it came with.
            for (String part : instance.parts()) {
                String maps = Files.readString(Path.of("/proc", Long.toString(instance.pid(part)), "maps"));
                assertTrue(maps.contains(elsewhere + "/caches/" + part + ".aot"), part);
                assertTrue(maps.contains(elsewhere + "/runtime/lib/"), part);
            }
        }
    }

    @Test
    void package_of_debian_is_roots_alone_and_names_what_it_needs() {
        List<String> files = Commands.lines("dpkg-deb", "--contents", deb.toString());

        assertEquals(
                List.of(),
                files.stream()
                        .filter(line -> !line.contains(" root/root ") || line.matches("-.{4}w.*|-.{7}w.*|.{3}s.*"))
                        .toList());
        for (String file : List.of(
                "/usr/bin/gantry",
                "/usr/lib/gantry/gantry",
                "/usr/lib/systemd/system/gantry.service",
                "/usr/lib/systemd/system/gantry-agent.service",
                "/etc/gantry/gantry.properties",
                "/usr/share/man/man8/gantry.8.gz",
                "/usr/share/bash-completion/completions/gantry")) {
            assertTrue(files.stream().anyMatch(line -> line.contains(" ." + file)), file);
        }
        assertEquals(
                List.of(),
                files.stream()
                        .filter(line -> line.matches(".*(/javac|/mvnw|/pom\\.xml|\\.java)"))
                        .toList());
        String needed = String.join("\n", Commands.lines("dpkg-deb", "--field", deb.toString(), "Depends"));
        for (String name : List.of("postgresql", "crun", "conmon", "nftables", "iproute2", "tini")) {
            assertTrue(needed.contains(name), name);
        }
    }

    @Test
    void units_are_right_and_the_services_confined() throws IOException {
        Path root = Files.createDirectory(directory.resolve("root"));
        Commands.lines("dpkg-deb", "--extract", deb.toString(), root.toString());
        for (String unit : List.of("gantry.service", "gantry-agent.service")) {
            String text =
                    Files.readString(root.resolve("usr/lib/systemd/system").resolve(unit));
            String program = text.lines()
                    .filter(line -> line.startsWith("ExecStart="))
                    .map(line -> line.substring("ExecStart=".length()).split(" ")[0])
                    .findFirst()
                    .orElseThrow();
            assertTrue(Files.isExecutable(root.resolve(program.substring(1))), program);
        }
        List<String> judged = Commands.lines(
                "systemd-analyze",
                "security",
                "--offline=true",
                "--no-pager",
                "--threshold=" + MOST_EXPOSURE,
                root.resolve("usr/lib/systemd/system/gantry.service").toString());
        assertTrue(judged.getLast().contains("OK"), String.join("\n", judged));
    }

    @Test
    void manual_has_every_setting() throws IOException {
        Path root = Files.createDirectory(directory.resolve("manual"));
        Commands.lines("dpkg-deb", "--extract", deb.toString(), root.toString());
        List<String> manual = Commands.lines(
                "zcat", root.resolve("usr/share/man/man8/gantry.8.gz").toString());
        try (Stream<String> readme = Files.lines(Launcher.path().orElseThrow().resolveSibling("README.md"))) {
            List<String> keys = readme.filter(line -> line.startsWith("| `gantry."))
                    .map(line -> line.substring(3, line.indexOf('`', 3)))
                    .toList();
            assertTrue(keys.size() > 20);
            assertEquals(
                    keys,
                    manual.stream()
                            .filter(line -> line.startsWith(".B gantry."))
                            .map(line -> line.substring(3).replace("\\-", "-"))
                            .filter(key -> !key.endsWith(".service"))
                            .toList());
        }
    }

    /** That after it, of which nothing but the version is new. */
    private static Path later() throws IOException {
        Path file = directory.resolve("later.deb");
        if (!Files.exists(file)) {
            Path unpacked = directory.resolve("later");
            Commands.lines("dpkg-deb", "--raw-extract", deb.toString(), unpacked.toString());
            Path control = unpacked.resolve("DEBIAN/control");
            Files.writeString(control, Files.readString(control).replaceFirst("(?m)^Version: .*", "Version: 1:1"));
            Commands.lines("dpkg-deb", "-Znone", "--build", unpacked.toString(), file.toString());
        }
        return file;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bookworm", "trixie"})
    @Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void fresh_debian_runs_it_under_systemd_until_it_is_purged(String release) throws IOException {
        try (DebianMachine machine = DebianMachine.of(release, directory.resolve(release))) {
            machine.install(deb);
            machine.boot();
            Docker docker = machine.docker();
            awaitHost(docker);
            Images.load(docker);
            assertEquals("hi", docker.ok("run", "--rm", Images.BUSYBOX, "echo", "hi"));
            docker.ok("run", "-d", "--name", "kept", Images.BUSYBOX, "sh", "-c", KillMatrix.COUNTING);
            String pid = docker.ok("inspect", "-f", "{{.State.Pid}}", "kept");
            Files.writeString(
                    machine.path("/etc/gantry/gantry.properties"),
                    "gantry.health.port=9444\n",
                    StandardOpenOption.APPEND);

            for (String unit : List.of("gantry.service", "gantry-agent.service")) {
                String main = machine.lines("systemctl", "show", "--property=MainPID", "--value", unit)
                        .getFirst();
                machine.lines("kill", "-9", main);
                Docker.await(
                        "systemd has started it again",
                        () -> !machine.lines("systemctl", "is-active", unit).isEmpty()
                                && !machine.lines("systemctl", "show", "--property=MainPID", "--value", unit)
                                        .contains(main));
                awaitHost(docker);
                assertEquals(pid, docker.ok("inspect", "-f", "{{.State.Pid}}", "kept"), unit);
            }
            machine.put(later());
            machine.lines("dpkg", "--install", "/root/later.deb");
            assertEquals(List.of("1:1"), machine.lines("dpkg-query", "--show", "--showformat=${Version}\n", "gantry"));
            awaitHost(docker);
            assertEquals(pid, docker.ok("inspect", "-f", "{{.State.Pid}}", "kept"), "after the upgrade");
            assertEquals(
                    List.of("9444"),
                    machine.lines("sed", "-n", "s/gantry.health.port=//p", "/etc/gantry/gantry.properties"));
            List<String> counted = docker.call("logs", "kept").lines();
            assertEquals(
                    IntStream.range(0, counted.size())
                            .mapToObj(Integer::toString)
                            .toList(),
                    counted);
            // Cgroups of this machine's other instances are there, too, and look empty from there.
            List<String> examined = machine.lines("sh", "-c", "gantry doctor 2>&1; true");
            assertEquals(
                    List.of(),
                    examined.stream()
                            .filter(line -> line.startsWith("WRONG") && !line.contains("the cgroup ")
                                    || !line.matches("(ok|WRONG| ).*|gantry: .* wrong|gantry: all is well"))
                            .toList());

            assertEquals(
                    "removed",
                    machine.lines("sh", "-c", "dpkg --remove gantry && echo removed")
                            .getLast());
            assertEquals(List.of(), machine.lines("pgrep", "-x", "conmon|java|sleep"));
            assertEquals(List.of("lo"), machine.lines("ls", "/sys/class/net"));
            assertEquals(List.of(), machine.lines("nft", "list", "tables"));
            assertEquals(List.of(), machine.lines("grep", "gantry", "/proc/self/mounts"));
            assertFalse(machine.lines("ls", "/var/lib/gantry/agent/containers").isEmpty(), "its data stays");

            assertEquals(
                    "purged",
                    machine.lines("sh", "-c", "dpkg --purge gantry && echo purged")
                            .getLast());
            assertEquals(
                    List.of(),
                    machine.lines(
                            "find",
                            "/etc",
                            "/opt",
                            "/run",
                            "/tmp",
                            "/usr",
                            "/var/lib",
                            "/var/log",
                            "-name",
                            "*gantry*"));
        }
    }

    private static void awaitHost(Docker docker) {
        Docker.await(
                "its host is known",
                () -> docker.call("info", "--format", "{{.NCPU}}").out().matches("[1-9].*\n"));
    }
}
