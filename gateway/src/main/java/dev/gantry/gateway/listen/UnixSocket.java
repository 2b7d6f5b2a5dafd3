package dev.gantry.gateway.listen;

import dev.gantry.agent.api.file.OwnerOnly;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The file of the Docker API's socket. The server binds {@link #birthplace}, in a directory that nobody else may
 * enter; {@link #publish} gives it mode and group and moves it into place, over a stale one.
 */
final class UnixSocket {
    private static final Logger LOG = Logger.getLogger(UnixSocket.class);
    private static final List<String> USUAL_GROUPS = List.of("docker", "gantry");

    private final Path path;

    /** @throws IllegalStateException when a server listens there already */
    UnixSocket(Path path) {
        this.path = path.toAbsolutePath();
        if (isServed()) {
            throw new IllegalStateException("another server listens on " + path + " already");
        }
    }

    Path birthplace() throws IOException {
        Path nursery = OwnerOnly.directory(path.resolveSibling("." + path.getFileName() + ".new"));
        Path socket = nursery.resolve("s");
        Files.deleteIfExists(socket);
        return socket;
    }

    /** @param group name of the group that may connect; empty for the usual ones */
    void publish(Path bound, String group) throws IOException {
        Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString("rw-rw----"));
        group(group).ifPresent(principal -> {
            try {
                Files.getFileAttributeView(bound, PosixFileAttributeView.class).setGroup(principal);
                OwnerOnly.admit(path.getParent(), principal);
            } catch (IOException e) {
                LOG.warnf("%s stays with our own group: %s", path, e.getMessage());
            }
        });
        Files.move(bound, path, StandardCopyOption.ATOMIC_MOVE);
        Files.deleteIfExists(bound.getParent());
    }

    void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isServed() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException _) {
            return false;
        }
    }

    private static Optional<GroupPrincipal> group(String configured) {
        List<String> names = configured.isEmpty() ? USUAL_GROUPS : List.of(configured);
        return names.stream().flatMap(name -> lookup(name).stream()).findFirst();
    }

    private static Optional<GroupPrincipal> lookup(String name) {
        try {
            return Optional.of(
                    FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(name));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
