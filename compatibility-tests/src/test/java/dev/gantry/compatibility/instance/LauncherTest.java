package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.fixtures.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the launcher says, and what it leaves, when something is wrong. */
@InstanceTest
class LauncherTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    frobnicate | unknown command frobnicate
                    --frobnicate | unknown option --frobnicate
                    --config | --config needs a file
                    --config /no/such/file status | there is no configuration file /no/such/file
                    status --foo | unknown argument --foo of status
                    version now | unknown argument now of version
                    down --everything | unknown option --everything of down
                    up up | unknown argument up of up
                    """)
    void what_is_not_understood_is_named(String arguments, String says) {
        Launcher.Outcome outcome = Launcher.call(List.of(arguments.split(" ")));

        assertEquals(2, outcome.exitCode(), outcome.printed());
        assertEquals(1, outcome.lines().size(), outcome.printed());
        assertTrue(outcome.printed().startsWith("gantry: " + says), outcome.printed());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gantry.health.port=abc",
                "gantry.rundir=/elsewhere",
                "gantry.docker.tcp=0.0.0.0:23750",
                "gantry.agent.listen=0.0.0.0:23751",
                "gantry.data-dir=relative"
            })
    void wrong_settings_are_one_line_and_start_nothing(String setting) throws IOException {
        Path configuration = configuration(setting);

        Launcher.Outcome outcome = Launcher.call(configuration, "up");

        assertEquals(2, outcome.exitCode(), outcome.printed());
        assertEquals(1, outcome.lines().size(), outcome.printed());
        assertTrue(outcome.printed().contains(setting.substring(0, setting.indexOf('='))), outcome.printed());
        assertEquals(List.of(), running());
    }

    @Test
    void a_taken_port_is_one_line_and_starts_nothing() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Path configuration = configuration("gantry.docker.tcp=" + address + "\ngantry.docker.tcp-insecure=true");

            Launcher.Outcome outcome = Launcher.call(configuration, "up");

            assertEquals(2, outcome.exitCode(), outcome.printed());
            assertEquals(List.of("gantry: gantry.docker.tcp=" + address + ": Address already in use"), outcome.lines());
            assertEquals(List.of(), running());
        }
    }

    @Test
    void a_part_that_cannot_start_again_waits_longer_each_time_and_status_says_why() throws IOException {
        int port = FreePorts.one();
        try (Instance instance =
                Instance.start(Topology.TOGETHER, Map.of("gantry.health.port", Integer.toString(port)))) {
            try (ServerSocket taken = new ServerSocket()) {
                instance.unsupervised(() -> {
                    instance.kill(List.of("standalone"));
                    bind(taken, port);
                });
                Docker.await("the supervisor waits", () -> instance.launcher("status").lines().stream()
                        .anyMatch(line -> line.matches(
                                "standalone: not running, .*is started again in \\d+ s: .*Address already in use.*")));
                String log = Files.readString(instance.logs().resolve("supervisor.log"));
                assertTrue(log.contains("quick ends in a row, it is started again in"), log);
            }
            instance.up();
            assertEquals(0, instance.launcher("status").exitCode());
        }
    }

    @Test
    void a_running_instance_is_told_of_its_wrong_settings_and_runs_on() throws IOException {
        try (Instance instance = Instance.start(Topology.TOGETHER)) {
            Map<String, Long> before = pids(instance);
            Files.writeString(instance.configuration(), "gantry.helth.port=1\n", StandardOpenOption.APPEND);

            Launcher.Outcome up = instance.launcher("up");

            assertEquals(2, up.exitCode());
            assertTrue(up.printed().contains("did you mean \"gantry.health.port\""), up.printed());
            assertEquals(before, pids(instance));
            List<String> lines = Files.readAllLines(instance.configuration());
            Files.write(instance.configuration(), lines.subList(0, lines.size() - 1));

            onlyRootReads(instance);
            agentless(instance);
        }
    }

    private static Map<String, Long> pids(Instance instance) {
        return instance.parts().stream().collect(Collectors.toMap(part -> part, instance::pid));
    }

    private static void onlyRootReads(Instance instance) throws IOException {
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(instance.logs())));
        try (Stream<Path> logs = Files.list(instance.logs())) {
            for (Path log : logs.filter(log -> log.toString().endsWith(".out")).toList()) {
                assertEquals(
                        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(log)), log.toString());
            }
        }
    }

    private static void agentless(Instance instance) {
        instance.unsupervised(() -> {
            instance.kill(List.of("agent"));
            Launcher.Outcome status = instance.launcher("status");
            assertEquals(3, status.exitCode());
            assertTrue(status.printed().contains("agent: not running"), status.printed());
            assertTrue(status.printed().contains("answers; the agent does not"), status.printed());
        });
        instance.up();
    }

    /**
     * With {@code pipefail} what is written after such a reader has left ends the pipe as if nothing had been found, or with
     * {@code errexit} the script.
     */
    @Test
    void no_pipe_of_the_scripts_ends_in_a_reader_that_leaves_early() {
        Path scripts = Launcher.path().orElseThrow().resolveSibling("launcher");

        assertEquals(
                List.of(),
                Commands.lines(
                        "grep",
                        "-rnE",
                        "[|][^|]*(\\bgrep +-[A-Za-z]*[qm]|\\bhead\\b|\\bsed [^|]*[/0-9$]q\\b|\\bawk [^|]*\\bexit\\b)",
                        "--include=*.sh",
                        scripts.toString()));
    }

    /** A function's caller may have a variable of that name: what is not {@code local} is the caller's, and overwritten. */
    @Test
    void what_functions_assign_is_their_own() throws IOException {
        Pattern function = Pattern.compile("(\\w+)\\(\\) \\{");
        Pattern assignment = Pattern.compile("\\s+(?:for (?=\\w+ in ))?([a-z][a-z_]*)(?: in .*; do|\\+?=.*)");
        List<String> others = new ArrayList<>();
        List<Path> scripts;
        try (var files = Files.list(Launcher.path().orElseThrow().resolveSibling("launcher"))) {
            scripts = files.filter(file -> file.toString().endsWith(".sh")).toList();
        }
        for (Path script : scripts) {
            String name = "";
            Set<String> own = new HashSet<>();
            for (String line : Files.readAllLines(script)) {
                Matcher begins = function.matcher(line);
                if (begins.lookingAt() || line.equals("}")) {
                    name = line.equals("}") ? "" : begins.group(1);
                    own.clear();
                }
                if (line.strip().startsWith("local ")) {
                    own.addAll(List.of(line.replaceAll("=\\S*", " ").strip().split("\\s+")));
                }
                Matcher assigns = assignment.matcher(line);
                if (assigns.matches() && !name.isEmpty() && !own.contains(assigns.group(1))) {
                    others.add(name + " " + assigns.group(1));
                }
            }
        }

        // The first says so, the others are a shell's of its own.
        assertEquals(
                List.of("in_root device", "in_root root", "one_file file"),
                others.stream().distinct().sorted().toList());
    }

    @Test
    void the_unit_for_systemd_names_this_instance() throws IOException {
        Path configuration = configuration("gantry.health.port=0");

        Launcher.Outcome unit = Launcher.call(configuration, "unit");

        assertEquals(0, unit.exitCode());
        assertTrue(unit.printed().contains("PIDFile=" + directory.resolve("run") + "/supervisor.pid"), unit.printed());
        assertTrue(unit.printed().contains("--config " + configuration + " up"), unit.printed());
        assertFalse(unit.printed().contains("$"), unit.printed());
    }

    @Test
    void the_doctor_tells_of_what_nobody_owns_and_is_content_without_it() throws IOException {
        Path configuration = configuration("gantry.agent.nftables-table=gt-doctor");
        Path lost = Files.createDirectories(directory.resolve("run/agent/c/" + "ab".repeat(16)));
        Commands.lines("mount", "-t", "tmpfs", "lost", lost.toString());
        Commands.lines("nft", "add", "table", "inet", "gt-doctor");
        Commands.lines("ip", "link", "add", "gt-own0", "type", "bridge");
        Commands.lines("ip", "link", "set", "gt-own0", "alias", "gantry:gt-doctor");
        Commands.lines("ip", "link", "add", "gt-other0", "type", "bridge");
        Commands.lines("ip", "link", "set", "gt-other0", "alias", "gantry:gt-doctor2");
        try {
            Launcher.Outcome doctor = Launcher.call(configuration, "doctor");

            assertEquals(1, doctor.exitCode(), doctor.printed());
            assertTrue(doctor.printed().contains("WRONG    " + lost + " is mounted"), doctor.printed());
            assertTrue(doctor.printed().contains("umount -l '" + lost + "'"), doctor.printed());
            assertTrue(doctor.printed().contains("nft delete table inet gt-doctor"), doctor.printed());
            assertTrue(doctor.printed().contains("ip link delete gt-own0"), doctor.printed());
            assertFalse(doctor.printed().contains("gt-other0"), doctor.printed());
        } finally {
            Commands.lines("ip", "link", "delete", "gt-own0");
            Commands.lines("ip", "link", "delete", "gt-other0");
            Commands.lines("umount", lost.toString());
            Commands.lines("nft", "delete", "table", "inet", "gt-doctor");
        }
        Launcher.Outcome again = Launcher.call(configuration, "doctor");
        // Other instances on this machine may have left something.
        assertFalse(again.printed().contains(lost + " is mounted"), again.printed());
        assertFalse(again.printed().contains("nft delete table inet gt-doctor"), again.printed());
    }

    @Test
    void the_doctor_names_a_wrong_setting() throws IOException {
        Launcher.Outcome doctor = Launcher.call(configuration("gantry.health.port=abc"), "doctor");

        assertEquals(1, doctor.exitCode(), doctor.printed());
        assertTrue(doctor.printed().contains("WRONG    gantry.health.port=abc is no port"), doctor.printed());
    }

    /** What had the port may be dead and not have let go of it yet. */
    private static void bind(ServerSocket socket, int port) {
        Docker.await("port " + port + " is free", () -> {
            try {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            } catch (BindException taken) {
                return false;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return true;
        });
    }

    private Path configuration(String setting) throws IOException {
        return Files.write(
                directory.resolve("properties"),
                List.of(
                        "gantry.data-dir=" + directory.resolve("data"),
                        "gantry.run-dir=" + directory.resolve("run"),
                        "gantry.log-dir=" + directory.resolve("log"),
                        "gantry.health.port=0",
                        setting));
    }

    private List<String> running() {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains(directory + "/"))
                .toList();
    }

    /** While one process writes again and again, another reads. */
    private static final String READING =
            """
            . launcher/processes.sh; . launcher/supervisor.sh
            RUN=$1
            write_or_not "$RUN/agent.ends" "7 1 2 3 137"
            (for i in {1..500}; do write_or_not "$RUN/agent.ends" "7 1 2 3 137"; done; : >"$RUN/done") &
            while [ ! -e "$RUN/done" ]; do [ "$(count_of_ends agent)" = 7 ] || echo torn; done
            echo read
            """;

    @Test
    void what_the_supervisor_notes_is_never_read_by_half() {
        assertEquals(List.of("read"), bash(READING, directory.toString()));
    }

    /** Whether a part that has ended so often, the last time so, had ended so often when `up` was called, and of these one is forgiven. */
    @ParameterizedTest
    @CsvSource({
        "7, 137, 7, 0, runs",
        "7, 137, 7, 1, runs",
        "7, 1, 7, 1, runs",
        "8, 137, 7, 0, runs",
        "9, 137, 7, 0, failed",
        "8, 1, 7, 0, failed",
        "8, 1, 7, 1, runs",
        "9, 1, 7, 1, failed",
        // Of another supervisor.
        "1, 137, 7, 0, runs",
        "1, 1, 7, 0, failed",
        "2, 137, 7, 0, failed"
    })
    void ends_before_up_are_no_failures_of_it(String ends, String status, String before, String forgiven, String says)
            throws IOException {
        Files.writeString(directory.resolve("agent.ends"), ends + " 1 0 2000 " + status + " a reason\n");

        assertEquals(
                List.of(says),
                bash(
                        ". launcher/processes.sh; RUN=$1; has_failed agent 1000 $2 $3 && echo failed || echo runs",
                        directory.toString(),
                        before,
                        forgiven));
    }

    /** The supervisor would end of an error. */
    private static final String ENDING =
            """
            set -euo pipefail
            . launcher/processes.sh; . launcher/supervisor.sh
            RUN=$1 LOG=$1 STARTED[agent]=1 PID=""
            note_end agent
            reason_of_end agent
            """;

    @Test
    void the_reason_of_an_end_is_found_behind_a_long_log() throws IOException {
        Files.writeString(
                directory.resolve("agent.out"),
                "== start of then\n" + "gantry: another reason\n".repeat(100_000)
                        + "== start of now\nsomething\n\tat x\nCaused by: java.io.IOException: the reason\n");

        assertEquals("the reason", bash(ENDING, directory.toString()).getLast());
    }

    /** Lines that a script with the launcher's functions prints. */
    private static List<String> bash(String script, String... arguments) {
        List<String> command = new ArrayList<>(List.of("bash", "-c", script, "-"));
        command.addAll(List.of(arguments));
        return Commands.lines(new ProcessBuilder(command)
                .directory(Launcher.path().orElseThrow().getParent().toFile()));
    }

    /** Its first thread has ended, so that it shows as dead; what the others hold is not free. */
    private static final String DYING =
            """
            import ctypes, platform, sys, threading
            threading.Thread(target=sys.stdin.read).start()
            print(flush=True)
            ctypes.CDLL(None).syscall(93 if platform.machine() == "aarch64" else 60, 0)
            """;

    /** The supervisor looks once before all of it is gone, and once after. */
    private static final String LOOKING =
            """
            . launcher/processes.sh; . launcher/supervisor.sh
            RUN=$1 LOG=$1 PROCESSES=together PARTS=agent CHILD[agent]=$2 STARTED[agent]=1
            start() { echo "starts $1"; PID=0; }
            keep_running agent; echo looked
            kill -9 "$2"
            while is_dying "$2"; do sleep 0.1; done
            keep_running agent
            """;

    @Test
    void what_is_not_wholly_dead_has_no_successor_yet() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "python3 is not installed");
        Process dying = new ProcessBuilder("/usr/bin/python3", "-c", DYING).start();
        try (var _ = dying.getOutputStream()) {
            dying.getInputStream().read();
            Docker.await("its first thread is gone", () -> Commands.lines("cat", "/proc/" + dying.pid() + "/cmdline")
                    .isEmpty());

            List<String> looked = Commands.lines(
                    new ProcessBuilder("bash", "-c", LOOKING, "-", directory.toString(), Long.toString(dying.pid()))
                            .directory(Launcher.path().orElseThrow().getParent().toFile()));

            assertEquals(
                    List.of("looked", "starts agent"),
                    looked.stream()
                            .filter(line -> line.matches("looked|starts .*"))
                            .toList(),
                    looked::toString);
        } finally {
            dying.destroyForcibly();
        }
    }
}
