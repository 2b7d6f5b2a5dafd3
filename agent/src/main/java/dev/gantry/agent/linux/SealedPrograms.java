package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** Copies of programs in memory that nobody can change any more: memfd_create(2) with all seals of fcntl(2). */
public final class SealedPrograms {
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    /** Since Linux 6.3, which without it takes the answer from a sysctl; before, every memfd is executable. */
    private static final int MFD_EXEC = 0x10;

    private static final int F_ADD_SEALS = 1033;
    private static final int F_SEAL_SEAL = 1;
    private static final int F_SEAL_SHRINK = 2;
    private static final int F_SEAL_GROW = 4;
    private static final int F_SEAL_WRITE = 8;

    private static final MethodHandle MEMFD_CREATE =
            Libc.withErrno("memfd_create", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle FCNTL =
            Libc.withErrno("fcntl", FunctionDescriptor.of(INT, INT, INT, INT), Linker.Option.firstVariadicArg(2));

    private SealedPrograms() {}

    /** @return the copy; it is gone when closed, and closed in children */
    public static Fd copy(Path program) throws IOException {
        String name = program.getFileName().toString();
        Fd copy = create(name);
        try {
            try (OutputStream out = Files.newOutputStream(Path.of(copy.path()))) {
                Files.copy(program, out);
            }
            int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
            Call.run(
                    "fcntl", name, (state, arena) -> (int) FCNTL.invokeExact(state, copy.number(), F_ADD_SEALS, seals));
            return copy;
        } catch (IOException | RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    private static Fd create(String name) throws ErrnoException {
        try {
            return create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.EINVAL) {
                throw e;
            }
            return create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        }
    }

    private static Fd create(String name, int flags) throws ErrnoException {
        return new Fd((int) Call.run("memfd_create", name, (state, arena) ->
                (int) MEMFD_CREATE.invokeExact(state, ByteStrings.allocate(arena, name), flags)));
    }
}
