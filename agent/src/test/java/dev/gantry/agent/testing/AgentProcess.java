package dev.gantry.agent.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.host.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The packaged agent as a process of its own, in directories of its own, that can be killed and started again. */
public final class AgentProcess implements AutoCloseable {
    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
    private static final ObjectMapper JSON = UnixHttp.JSON;

    private final Path directory;
    private final Map<String, String> settings;
    private final UnixHttp http;
    private Process process;

    /** @param directory short: paths of sockets are below it */
    public AgentProcess(Path directory) throws IOException, InterruptedException {
        this(directory, Map.of());
    }

    /**
     * @param settings besides those for the directories
     * @throws IllegalStateException when it does not start; the message is what it printed
     */
    public AgentProcess(Path directory, Map<String, String> settings) throws IOException, InterruptedException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        Assumptions.assumeTrue(Files.exists(JAR), "the agent is not packaged");
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/conmon")), "conmon is not installed");
        this.directory = directory;
        this.settings = settings;
        this.http = new UnixHttp(directory.resolve("run/agent.sock"));
        start();
    }

    public UnixHttp http() {
        return http;
    }

    /** The cgroup parent that this agent's containers should have, so that what is left of them can be counted. */
    public String cgroupParent() {
        return "gantry-" + directory.getFileName();
    }

    public void start() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-Dgantry.data-dir=" + directory.resolve("data"),
                "-Dgantry.run-dir=" + directory.resolve("run"),
                "-Dgantry.log-dir=" + directory.resolve("log"),
                "-Dgantry.agent.nftables-table=" + cgroupParent().replace('-', '_')));
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", JAR.toString()));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("agent.log").toFile()))
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IllegalStateException(Files.readString(directory.resolve("agent.log")));
            }
            Thread.sleep(50);
        }
    }

    private boolean answers() {
        try {
            return http.send("GET", "/v1/host", null).status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** {@code kill -9}. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** As a service manager does. */
    public void end() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    /** The state in {@link #kept}. */
    public JsonNode state(String id) throws IOException {
        return kept(id).path("state");
    }

    /** {@code state.json} of a container. */
    public JsonNode kept(String id) throws IOException {
        Path file = directory.resolve("data/agent/containers").resolve(id).resolve("state.json");
        return Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.createObjectNode();
    }

    /** Reports that wait for somebody to read them, oldest first. */
    public List<JsonNode> reports(String id) throws IOException {
        List<JsonNode> result = new ArrayList<>();
        for (String line : Files.readAllLines(directory.resolve("data/agent/reports.jsonl"))) {
            JsonNode report = JSON.readTree(line).path("report");
            if (report.path("containerId").asText().equals(id)) {
                result.add(report);
            }
        }
        return result;
    }

    public String log(String id) throws IOException {
        return Files.readString(
                directory.resolve("data/agent/containers").resolve(id).resolve("ctr.log"));
    }

    /** How much of this agent's containers is on the host: mounts, processes, cgroups, namespaces, directories. */
    public Map<String, Integer> footprint() throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
            counts.put(
                    "mounts", (int) mounts.filter(line -> line.contains(directory + "/") && !line.contains("/netns "))
                            .count());
        }
        counts.put("processes", (int) ProcessHandle.allProcesses()
                .filter(one -> one.info().commandLine().orElse("").contains(directory + "/run/agent/"))
                .count());
        counts.put("cgroups", cgroups());
        for (String name : List.of(
                "run/agent/c",
                "run/agent/x",
                "run/agent/oci",
                "run/agent/exits",
                "run/agent/netns",
                "data/agent/containers",
                "data/agent/snapshots/containers")) {
            counts.put(name, entries(directory.resolve(name)));
        }
        return counts;
    }

    private int cgroups() throws IOException {
        int count = 0;
        try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            for (Path hierarchy : hierarchies.toList()) {
                Path parent = hierarchy.resolve(cgroupParent());
                if (Files.isDirectory(parent)) {
                    try (Stream<Path> groups = Files.list(parent)) {
                        count += (int) groups.filter(Files::isDirectory).count();
                    }
                }
            }
        }
        return count;
    }

    private static int entries(Path path) throws IOException {
        if (!Files.exists(path)) {
            return 0;
        }
        try (Stream<Path> entries = Files.list(path)) {
            return (int) entries.count();
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            kill();
        }
        try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            for (Path hierarchy : hierarchies.toList()) {
                Files.deleteIfExists(hierarchy.resolve(cgroupParent()));
            }
        }
        Disk.deleteTree(directory);
    }
}
