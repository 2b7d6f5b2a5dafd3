package dev.gantry.agent.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Network namespaces that outlive their processes: each is bind-mounted on a file (namespaces(7)). */
public final class PinnedNamespaces {
    private static final String OWN = "/proc/thread-self/ns/net";

    private PinnedNamespaces() {}

    /** Keeps a network namespace alive at {@code file}, which is created. */
    public static void pin(Fd namespace, Path file) throws IOException {
        Files.createFile(file);
        try {
            Mounts.mount(namespace.path(), file.toString(), "", Mounts.BIND, "");
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /** Undoes {@link #pin}; a file that is not there, or has nothing mounted on it, is no error. */
    public static void unpin(Path file) throws IOException {
        try {
            Mounts.detach(file.toString());
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.EINVAL && e.errno() != ErrnoException.ENOENT) {
                throw e;
            }
        }
        Files.deleteIfExists(file);
    }

    /** The calling thread's network namespace. */
    public static Fd openOwn() throws IOException {
        return open(OWN);
    }

    public static Fd open(Path file) throws IOException {
        return open(file.toString());
    }

    private static Fd open(String path) throws IOException {
        return OpenFiles.open(path, OpenFiles.READ);
    }
}
