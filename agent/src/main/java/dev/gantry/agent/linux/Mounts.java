package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.LONG;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Mounting and unmounting, in the mount namespace of the calling thread. Paths are {@link ByteStrings}. */
public final class Mounts {
    public static final long READ_ONLY = 1;
    public static final long NO_SUID = 2;
    public static final long NO_DEV = 4;
    public static final long NO_EXEC = 8;
    public static final long REMOUNT = 32;
    public static final long BIND = 4096;
    public static final long RECURSIVE = 16384;
    public static final long PRIVATE = 1 << 18;
    public static final long SLAVE = 1 << 19;
    public static final long SHARED = 1 << 20;

    private static final int MNT_DETACH = 2;
    private static final int UMOUNT_NOFOLLOW = 8;

    private static final MethodHandle MOUNT =
            Libc.withErrno("mount", FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, LONG, POINTER));
    private static final MethodHandle UMOUNT2 = Libc.withErrno("umount2", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle CHDIR = Libc.withErrno("chdir", FunctionDescriptor.of(INT, POINTER));
    private static final MethodHandle FCHDIR = Libc.withErrno("fchdir", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle CHROOT = Libc.withErrno("chroot", FunctionDescriptor.of(INT, POINTER));
    private static final MethodHandle PIVOT_ROOT = Libc.withErrno(
            "syscall", FunctionDescriptor.of(LONG, LONG, POINTER, POINTER), Linker.Option.firstVariadicArg(1));
    private static final long SYS_PIVOT_ROOT = System.getProperty("os.arch").equals("aarch64") ? 41 : 155;

    private Mounts() {}

    /**
     * As mount(2).
     *
     * @param type filesystem, empty when {@code flags} say it all
     * @param data options for the filesystem, less than 4096 bytes; empty for none
     */
    public static void mount(String source, String target, String type, long flags, String data) throws ErrnoException {
        Call.run("mount", target, (state, arena) -> (int) MOUNT.invokeExact(
                state,
                ByteStrings.allocate(arena, source),
                ByteStrings.allocate(arena, target),
                nullable(arena, type),
                flags,
                nullable(arena, data)));
    }

    /** Takes the mount out of the tree at once; it ends when its last user lets go. */
    public static void detach(String target) throws ErrnoException {
        Call.run("umount", target, (state, arena) ->
                (int) UMOUNT2.invokeExact(state, ByteStrings.allocate(arena, target), MNT_DETACH | UMOUNT_NOFOLLOW));
    }

    /** As {@link #detach(String)}, of what an open descriptor is the root of. */
    static void detach(Fd mounted) throws ErrnoException {
        Call.run("umount", "", (state, arena) ->
                (int) UMOUNT2.invokeExact(state, ByteStrings.allocate(arena, mounted.path()), MNT_DETACH));
    }

    /**
     * Makes a directory the root of the calling platform thread, which must have a filesystem state of its own, and its
     * working directory. It may be in another mount namespace than the thread.
     */
    static void changeRoot(Fd directory) throws ErrnoException {
        Call.run("fchdir", "", (state, arena) -> (int) FCHDIR.invokeExact(state, directory.number()));
        Call.run("chroot", "", (state, arena) -> (int) CHROOT.invokeExact(state, ByteStrings.allocate(arena, ".")));
    }

    /**
     * Leaves nothing in the calling thread's mount namespace but what is mounted at {@code root} and below. The thread's
     * root is there afterwards.
     */
    static void keepOnly(Fd root) throws ErrnoException {
        Call.run("fchdir", "", (state, arena) -> (int) FCHDIR.invokeExact(state, root.number()));
        Call.run("pivot_root", "", (state, arena) -> {
            MemorySegment here = ByteStrings.allocate(arena, ".");
            return (long) PIVOT_ROOT.invokeExact(state, SYS_PIVOT_ROOT, here, here);
        });
        // pivot_root(2): the old root lies over the new one now.
        Call.run("umount", "", (state, arena) ->
                (int) UMOUNT2.invokeExact(state, ByteStrings.allocate(arena, "."), MNT_DETACH));
    }

    /**
     * Gives the calling platform thread a working directory of its own, so that it can mount with short relative paths.
     * It cannot be undone: for a thread that does nothing else.
     */
    public static void ownWorkingDirectory(String directory) throws IOException {
        Namespaces.unshare(Namespaces.CLONE_FS);
        Call.run("chdir", directory, (state, arena) ->
                (int) CHDIR.invokeExact(state, ByteStrings.allocate(arena, directory)));
    }

    private static MemorySegment nullable(Arena arena, String text) {
        return text.isEmpty() ? MemorySegment.NULL : ByteStrings.allocate(arena, text);
    }
}
