package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** Network namespaces that outlive their processes: each is bind-mounted on a file (namespaces(7)). */
public final class PinnedNamespaces {
    private static final String OWN = "/proc/thread-self/ns/net";
    private static final int O_RDONLY_CLOEXEC = 02000000;

    private static final MethodHandle OPEN =
            Libc.withErrno("open", FunctionDescriptor.of(INT, POINTER, INT), Linker.Option.firstVariadicArg(2));

    private PinnedNamespaces() {}

    /** Keeps the calling thread's network namespace alive at {@code file}, which is created. */
    public static void pin(Path file) throws IOException {
        Files.createFile(file);
        try {
            Mounts.mount(OWN, file.toString(), "", Mounts.BIND, "");
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
        return new Fd((int) Call.run("open", path, (state, arena) ->
                (int) OPEN.invokeExact(state, arena.allocateFrom(path), O_RDONLY_CLOEXEC)));
    }
}
