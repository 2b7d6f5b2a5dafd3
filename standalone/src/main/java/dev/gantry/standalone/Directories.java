package dev.gantry.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.eclipse.microprofile.config.Config;

/**
 * Where this process keeps things. Strangers may pass through, for PostgreSQL runs as another user and the socket has
 * its own permissions, but not look around.
 */
record Directories(Path data, Path run, Path log) {
    /** @throws IllegalStateException when another process serves the same directories */
    static Directories prepare(Config config) {
        Directories directories = new Directories(
                path(config, "gantry.data-dir"), path(config, "gantry.run-dir"), path(config, "gantry.log-dir"));
        try {
            make(directories.data(), "rwx--x--x");
            make(directories.run(), "rwx--x--x");
            make(directories.log(), "rwxr-x---");
            removeStale(directories.run().resolve("internal.sock"));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        return directories;
    }

    private static Path path(Config config, String key) {
        return Path.of(config.getValue(key, String.class)).toAbsolutePath();
    }

    private static void make(Path directory, String permissions) throws IOException {
        boolean fresh = !Files.exists(directory);
        Files.createDirectories(directory);
        if (fresh) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
        }
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
