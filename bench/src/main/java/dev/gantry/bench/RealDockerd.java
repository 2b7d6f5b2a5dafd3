package dev.gantry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * A real dockerd with directories, socket and bridge of its own, to compare with. The bridge is made here, since two
 * dockerds would otherwise both manage {@code docker0} and take it from each other.
 */
final class RealDockerd implements Engine {
    private final Path program;
    private final Path directory;
    private final String bridge;
    private Process process;
    private String version = "";

    private RealDockerd(Path program, Path directory, String bridge) {
        this.program = program;
        this.directory = directory;
        this.bridge = bridge;
    }

    /**
     * Starts one and waits until it answers, at most a minute.
     *
     * @param program the dockerd; what it calls is looked for beside it first
     * @param number tells apart those that run at once
     */
    static RealDockerd start(Path program, Path directory, int number) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        RealDockerd dockerd = new RealDockerd(program, directory, "gantrybench" + number);
        ip("link", "add", "name", dockerd.bridge, "type", "bridge");
        ip("address", "add", "172.31." + (255 - number) + ".1/24", "dev", dockerd.bridge);
        ip("link", "set", dockerd.bridge, "up");
        try {
            dockerd.launch();
            dockerd.version = dockerd.endpoint()
                    .docker("version", "--format", "{{.Server.Version}}")
                    .replaceAll("[+].*", "");
            return dockerd;
        } catch (IOException | InterruptedException | RuntimeException e) {
            dockerd.close();
            throw e;
        }
    }

    private void launch() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        program.toString(),
                        "--data-root=" + directory.resolve("data"),
                        "--exec-root=" + directory.resolve("exec"),
                        "--pidfile=" + directory.resolve("dockerd.pid"),
                        "--host=unix://" + socket(),
                        "--bridge=" + bridge,
                        "--storage-driver=overlay2")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("dockerd.log").toFile());
        Path beside = program.toAbsolutePath().getParent();
        builder.environment()
                .merge("PATH", beside + ":" + beside.resolveSibling("bin"), (old, first) -> first + ":" + old);
        process = builder.start();
        // Who interrupts the bench has no dockerd left either.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        for (int attempt = 0; attempt < 300 && process.isAlive(); attempt++) {
            try (EngineConnection connection = endpoint().connect()) {
                connection.call("GET", "/_ping", null);
                return;
            } catch (IOException notYet) {
                Thread.sleep(200);
            }
        }
        throw new IOException(program + " did not start: " + Files.readString(directory.resolve("dockerd.log")));
    }

    private Path socket() {
        return directory.resolve("docker.sock");
    }

    @Override
    public Endpoint endpoint() {
        return new Endpoint("dockerd " + version, socket());
    }

    @Override
    public void restart() throws IOException, InterruptedException {
        stop();
        launch();
    }

    @Override
    public Map<String, Double> processes(ToDoubleFunction<Long> figure) {
        return Processes.sums(Map.of("dockerd", process.pid()), "containerd-shim", directory.toString(), figure);
    }

    private void stop() throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        stop();
        ip("link", "delete", bridge);
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
