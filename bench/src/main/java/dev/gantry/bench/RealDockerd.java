package dev.gantry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real dockerd with directories, socket and bridge of its own, to compare with. The bridge is made here, since two
 * dockerds would otherwise both manage {@code docker0} and take it from each other.
 */
final class RealDockerd implements AutoCloseable {
    private static final String BRIDGE = "gantrybench0";

    private final Path directory;
    private final Process process;

    private RealDockerd(Path directory, Process process) {
        this.directory = directory;
        this.process = process;
    }

    /** Starts it and waits until it answers, at most a minute. */
    static RealDockerd start(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        ip("link", "add", "name", BRIDGE, "type", "bridge");
        ip("address", "add", "172.31.255.1/24", "dev", BRIDGE);
        ip("link", "set", BRIDGE, "up");
        Process process = new ProcessBuilder(
                        "dockerd",
                        "--data-root=" + directory.resolve("data"),
                        "--exec-root=" + directory.resolve("exec"),
                        "--pidfile=" + directory.resolve("dockerd.pid"),
                        "--host=unix://" + directory.resolve("docker.sock"),
                        "--bridge=" + BRIDGE,
                        "--storage-driver=overlay2")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("dockerd.log").toFile())
                .start();
        RealDockerd dockerd = new RealDockerd(directory, process);
        Endpoint endpoint = dockerd.endpoint();
        for (int attempt = 0; attempt < 300 && process.isAlive(); attempt++) {
            if (Files.exists(endpoint.socket())) {
                try (EngineConnection connection = endpoint.connect()) {
                    connection.call("GET", "/_ping", null);
                    return dockerd;
                } catch (IOException notYet) {
                    Thread.sleep(200);
                }
            } else {
                Thread.sleep(200);
            }
        }
        dockerd.close();
        throw new IOException("dockerd did not start; see " + directory.resolve("dockerd.log"));
    }

    Endpoint endpoint() {
        return new Endpoint(
                "dockerd", directory.resolve("docker.sock"), List.of(Path.of(String.valueOf(process.pid()))));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        ip("link", "delete", BRIDGE);
        Path namespace = directory.resolve("exec/netns/default");
        if (Files.exists(namespace)) {
            // dockerd leaves the namespace of containers without a network mounted.
            run("umount", namespace.toString());
        }
    }

    private static void ip(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", command) + " exited " + status);
        }
    }
}
