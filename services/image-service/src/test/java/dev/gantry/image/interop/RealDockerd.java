package dev.gantry.image.interop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A dockerd with directories, socket and containerd namespaces of its own, without networks. */
final class RealDockerd implements AutoCloseable {
    private final Process process;
    private final Path socket;

    private RealDockerd(Process process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    /** Skips the test where dockerd cannot run. */
    static RealDockerd start(Path directory) throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/sbin/dockerd")), "dockerd is not installed");
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "dockerd needs root");
        Path socket = directory.resolve("docker.sock");
        Process process = new ProcessBuilder(
                        "/usr/sbin/dockerd",
                        "--bridge=none",
                        "--iptables=false",
                        "--ip6tables=false",
                        "--storage-driver=vfs",
                        "--data-root=" + directory.resolve("data"),
                        "--exec-root=" + directory.resolve("exec"),
                        "--pidfile=" + directory.resolve("pid"),
                        "--host=unix://" + socket)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        RealDockerd dockerd = new RealDockerd(process, socket);
        for (int i = 0; i < 300 && process.isAlive(); i++) {
            if (Files.exists(socket) && dockerd.docker("version").exitCode() == 0) {
                return dockerd;
            }
            Thread.sleep(100);
        }
        String log = Files.readString(directory.resolve("log"));
        dockerd.close();
        throw new IOException("dockerd does not answer: " + log);
    }

    record Outcome(int exitCode, String output) {}

    Outcome docker(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("docker", "--host", "unix://" + socket));
        command.addAll(List.of(arguments));
        Process client = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(client.waitFor(), output.strip());
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
        process.destroyForcibly();
    }
}
