package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Endpoint;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** A Gantry with directories, sockets, bridge and firewall table of its own, beside whatever else runs here. */
final class Instance implements AutoCloseable {
    static final String SUPERVISOR = "supervisor";

    private final Path directory;
    private final Path configuration;
    private final String name = "g-" + UUID.randomUUID().toString().substring(0, 8);
    private final Topology topology;
    private final String umask;
    private final Path program;
    private volatile Engine engine;

    private Instance(Path program, Topology topology, Map<String, String> extra, String umask) throws IOException {
        this.program = program;
        this.topology = topology;
        this.umask = umask;
        // PostgreSQL runs as another user, who must get through.
        this.directory = Files.createTempDirectory("gantry-i");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        this.configuration = directory.resolve("properties");
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("gantry.data-dir", data().toString());
        settings.put("gantry.run-dir", run().toString());
        settings.put("gantry.log-dir", log().toString());
        settings.put("gantry.health.port", "0");
        settings.put("gantry.agent.nftables-table", name);
        settings.put("gantry.network.bridge", name);
        settings.put("gantry.processes", topology.setting());
        settings.putAll(extra);
        Files.write(
                configuration,
                settings.entrySet().stream()
                        .map(setting -> setting.getKey() + "=" + setting.getValue())
                        .toList());
        this.engine = new Engine(endpoint());
    }

    /** Starts one and loads the images of the tests. */
    static Instance start(Topology topology) {
        return start(topology, Map.of());
    }

    /** @param settings more of them, or others than usual */
    static Instance start(Topology topology, Map<String, String> settings) {
        return start(topology, settings, "022");
    }

    /** @param umask of whoever starts it */
    static Instance start(Topology topology, Map<String, String> settings, String umask) {
        return start(Launcher.path().orElseThrow(), topology, settings, umask);
    }

    /** @param program another launcher than the one that the tests are of */
    static Instance start(Path program, Topology topology, Map<String, String> settings, String umask) {
        try {
            Instance instance = new Instance(program, topology, settings, umask);
            try {
                instance.up();
                Images.load(instance.docker());
                return instance;
            } catch (RuntimeException | AssertionError e) {
                instance.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same, in a mount namespace where mounts are shared, as they are on hosts with systemd. */
    static Instance startShared(Topology topology) throws IOException {
        Path program = Files.createTempFile("gantry-shared", "");
        Files.writeString(
                program,
                "#!/bin/sh\nexec unshare --mount --propagation=shared "
                        + Launcher.path().orElseThrow().toAbsolutePath() + " \"$@\"\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        program.toFile().deleteOnExit();
        return start(program, topology, Map.of(), "022");
    }

    /** Another one, of what a backup holds. */
    static Instance restored(Topology topology, Path backup) {
        try {
            Instance instance = new Instance(Launcher.path().orElseThrow(), topology, Map.of(), "022");
            Launcher.run(instance.program, instance.umask, instance.configuration, "restore", backup.toString());
            instance.up();
            return instance;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Topology topology() {
        return topology;
    }

    /** Of its bridge and its firewall table. */
    String name() {
        return name;
    }

    Path data() {
        return directory.resolve("data");
    }

    Path run() {
        return directory.resolve("run");
    }

    Path log() {
        return directory.resolve("log");
    }

    /** What a part has logged so far. */
    String log(String part) {
        try {
            return Files.readString(log().resolve(part + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Endpoint endpoint() {
        return new Endpoint("unix://" + run().resolve("docker.sock"), true);
    }

    /** For one test: close it to remove what the test made. */
    Docker docker() {
        return new Docker(endpoint());
    }

    Engine engine() {
        return engine;
    }

    /** Starts what does not run, and returns when all of it answers. */
    void up() {
        Launcher.run(program, umask, configuration, "up");
        // Connections that it kept open to what was killed would break at their next use.
        engine = new Engine(endpoint());
    }

    /** What another of the launcher's commands says of it. */
    Launcher.Outcome launcher(String... command) {
        List<String> all = new ArrayList<>(List.of("--config", configuration.toString()));
        all.addAll(List.of(command));
        return Launcher.call(program, all);
    }

    Path configuration() {
        return configuration;
    }

    Path logs() {
        return directory.resolve("log");
    }

    /** The parts that run, in alphabetical order. */
    List<String> parts() {
        try (var files = Files.list(run())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".pid"))
                    .map(file -> file.substring(0, file.length() - ".pid".length()))
                    .filter(part -> !part.equals(SUPERVISOR) && isRunning(pid(part)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path pidFile(String part) {
        return run().resolve(part + ".pid");
    }

    long pid(String part) {
        try {
            return Long.parseLong(Files.readString(pidFile(part)).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends parts without warning, all at once, and returns when they are gone. */
    void kill(List<String> parts) {
        Map<String, Long> pids = parts.stream().collect(Collectors.toMap(part -> part, this::pid));
        signal("KILL", pids.values());
        for (Map.Entry<String, Long> part : pids.entrySet()) {
            Docker.await(part.getKey() + " is dead", () -> !isRunning(part.getValue()));
        }
    }

    /** While it is run, nothing starts again what dies. */
    void unsupervised(Runnable step) {
        List<Long> supervisor = List.of(pid(SUPERVISOR));
        signal("STOP", supervisor);
        try {
            step.run();
        } finally {
            signal("CONT", supervisor);
        }
    }

    /** Pids of everything that runs for this instance, but for what supervises containers. */
    List<Long> processes() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(directory + "/"))
                .map(ProcessHandle::pid)
                .filter(Instance::isRunning)
                .toList();
    }

    /** @param signal its name without SIG */
    static void signal(String signal, Iterable<Long> pids) {
        List<String> command = new ArrayList<>(List.of("kill", "-s", signal));
        pids.forEach(pid -> command.add(Long.toString(pid)));
        try {
            new ProcessBuilder(command).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Not so for one that has ended but was not waited for. */
    static boolean isRunning(long pid) {
        try {
            return !Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1)
                    .isEmpty();
        } catch (IOException gone) {
            return false;
        }
    }

    /** Stops it, removes all it has, and sees that nothing is left; its logs are kept with the reports of the tests. */
    @Override
    public void close() {
        try {
            Path kept = Path.of("target", "instance-logs", name);
            Files.createDirectories(kept);
            try (var logs = Files.list(log())) {
                for (Path log : logs.toList()) {
                    Files.copy(log, kept.resolve(log.getFileName()));
                }
            }
            Launcher.run(program, umask, configuration, "down", "--all");
            assertEquals(List.of(), processes(), "still running after down --all");
            try (var left = Files.walk(directory)) {
                for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
