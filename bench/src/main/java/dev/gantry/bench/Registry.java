package dev.gantry.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/** Debian's docker-registry on a free loopback port, for timing pulls. */
final class Registry implements AutoCloseable {
    private final Process process;
    private final int port;

    private Registry(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static Registry start(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory.resolve("storage"));
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path config = directory.resolve("registry.yml");
        Files.writeString(
                config,
                """
                version: 0.1
                log:
                  level: error
                storage:
                  filesystem:
                    rootdirectory: %s
                http:
                  addr: 127.0.0.1:%d
                """
                        .formatted(directory.resolve("storage"), port));
        Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("registry.log").toFile())
                .start();
        for (int attempt = 0; attempt < 100 && process.isAlive(); attempt++) {
            try (Socket probe = new Socket("127.0.0.1", port)) {
                return new Registry(process, port);
            } catch (IOException notYet) {
                Thread.sleep(100);
            }
        }
        process.destroy();
        throw new IOException("docker-registry did not start; see " + directory.resolve("registry.log"));
    }

    /** {@code localhost:port/name:tag}. */
    String reference(String name) {
        return "localhost:" + port + "/" + name;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
