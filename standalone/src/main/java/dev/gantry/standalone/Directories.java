package dev.gantry.standalone;

import dev.gantry.agent.api.file.OwnerOnly;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/**
 * Where this process keeps things. Those who need something in there, PostgreSQL and the group of the Docker API's socket,
 * are let through by the part that needs them.
 */
record Directories(Path data, Path run, Path log) {
    /** @throws IllegalStateException when another process serves the same directories */
    static Directories prepare(Config config) {
        Directories directories = new Directories(
                path(config, "gantry.data-dir"), path(config, "gantry.run-dir"), path(config, "gantry.log-dir"));
        try {
            for (Path directory : List.of(directories.data(), directories.run(), directories.log())) {
                if (!Files.exists(directory)) {
                    OwnerOnly.directory(directory);
                }
            }
            removeStale(directories.run().resolve("internal.sock"));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        return directories;
    }

    private static Path path(Config config, String key) {
        return Path.of(config.getValue(key, String.class)).toAbsolutePath();
    }

    private static void removeStale(Path socket) throws IOException {
        if (!Files.exists(socket)) {
            return;
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException _) {
            Files.delete(socket);
            return;
        }
        throw new IllegalStateException("another Gantry runs already: it serves " + socket);
    }
}
