package dev.gantry.compatibility.instance;

import dev.gantry.compatibility.docker.Docker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A PostgreSQL or a Kafka as someone else would run it: a process that no instance starts or stops. */
final class ExternalServer implements AutoCloseable {
    private final String kind;
    private final Path directory;
    private Process process;

    private ExternalServer(String kind, Path directory) {
        this.kind = kind;
        this.directory = directory;
    }

    static ExternalServer postgres() {
        return started("postgres");
    }

    static ExternalServer kafka() {
        return started("kafka");
    }

    private static ExternalServer started(String kind) {
        try {
            Path directory = Files.createTempDirectory("gantry-" + kind);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
            ExternalServer server = new ExternalServer(kind, directory);
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where {@link Database} finds it. */
    Path directory() {
        return directory.resolve(kind);
    }

    private Path settingsFile() {
        return directory.resolve("settings");
    }

    /** Again, with the same data at the same address; returns when it answers. */
    void start() {
        try {
            Files.deleteIfExists(settingsFile());
            process = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-Xmx128m",
                            "-XX:+UseSerialGC",
                            "-cp",
                            Launcher.classPath(),
                            "dev.gantry.embedded.process.Servers",
                            directory.toString(),
                            settingsFile().toString(),
                            kind)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
            Docker.await(kind + " answers", () -> Files.exists(settingsFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How to reach it: settings for {@link Instance#start}. */
    Map<String, String> settings() {
        try (Stream<String> lines = Files.lines(settingsFile())) {
            Map<String, String> settings = new LinkedHashMap<>();
            lines.map(line -> line.split("=", 2)).forEach(pair -> settings.put(pair[0], pair[1]));
            return settings;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it without warning. */
    void kill() {
        List<Long> pids = processes();
        Instance.signal("KILL", pids);
        Docker.await(kind + " is dead", () -> pids.stream().noneMatch(Instance::isRunning));
    }

    private List<Long> processes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }

    @Override
    public void close() {
        kill();
        try (Stream<Path> left = Files.walk(directory)) {
            for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
