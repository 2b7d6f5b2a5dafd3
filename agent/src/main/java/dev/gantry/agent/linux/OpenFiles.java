package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.LONG;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.function.ToLongFunction;

/**
 * Opening files relative to a directory, reading and writing them. Every descriptor is close-on-exec. Names are {@link
 * ByteStrings}.
 */
public final class OpenFiles {
    public static final int READ = 0;
    public static final int WRITE = 1;
    public static final int READ_WRITE = 2;
    public static final int CREATE = 0x40;
    public static final int EXCLUSIVE = 0x80;
    public static final int TRUNCATE = 0x200;
    public static final int NON_BLOCKING = 0x800;
    /** Only a place in the tree: for *at calls and {@link Attributes}, not for reading. */
    public static final int PATH = 0x200000;

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    /** O_DIRECTORY and O_NOFOLLOW differ between architectures: asm-generic against asm/fcntl.h of arm64. */
    public static final int DIRECTORY = ARM ? 0x4000 : 0x10000;

    public static final int NO_FOLLOW = ARM ? 0x8000 : 0x20000;

    private static final int CLOSE_ON_EXEC = 0x80000;
    private static final int AT_FDCWD = -100;
    /** linux/openat2.h: RESOLVE_NO_MAGICLINKS | RESOLVE_IN_ROOT. */
    private static final long IN_ROOT = 0x02 | 0x10;
    /** linux/openat2.h: RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_IN_ROOT. */
    private static final long PLAIN_IN_ROOT = 0x01 | 0x04 | 0x10;

    /** linux/openat2.h: RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_IN_ROOT. */
    private static final long DIRECTLY_IN_ROOT = 0x02 | 0x04 | 0x10;

    /** linux/openat2.h: RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH. */
    private static final long BENEATH = 0x02 | 0x08;

    private static final long SYS_OPENAT2 = 437;

    private static final MethodHandle OPENAT = Libc.withErrno(
            "openat", FunctionDescriptor.of(INT, INT, POINTER, INT, INT), Linker.Option.firstVariadicArg(3));
    private static final MethodHandle OPENAT2 = Libc.withErrno(
            "syscall",
            FunctionDescriptor.of(LONG, LONG, LONG, POINTER, POINTER, LONG),
            Linker.Option.firstVariadicArg(1));
    private static final MethodHandle READ_CALL =
            Libc.withErrno("read", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    private static final MethodHandle PREAD =
            Libc.withErrno("pread", FunctionDescriptor.of(LONG, INT, POINTER, LONG, LONG));
    private static final MethodHandle PWRITE =
            Libc.withErrno("pwrite", FunctionDescriptor.of(LONG, INT, POINTER, LONG, LONG));
    private static final MethodHandle FTRUNCATE = Libc.withErrno("ftruncate", FunctionDescriptor.of(INT, INT, LONG));
    private static final MethodHandle LSEEK = Libc.withErrno("lseek", FunctionDescriptor.of(LONG, INT, LONG, INT));
    private static final MethodHandle SYNCFS = Libc.withErrno("syncfs", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle STATFS = Libc.withErrno("statfs", FunctionDescriptor.of(INT, POINTER, POINTER));
    private static final MethodHandle FSYNC = Libc.withErrno("fsync", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle SENDFILE =
            Libc.withErrno("sendfile", FunctionDescriptor.of(LONG, INT, INT, POINTER, LONG));
    private static final MethodHandle COPY_RANGE =
            Libc.withErrno("copy_file_range", FunctionDescriptor.of(LONG, INT, POINTER, INT, POINTER, LONG, INT));

    private OpenFiles() {}

    /** A file by a path that is trusted: our own directories, never one that a client or an image named. */
    public static Fd open(String path, int flags) throws ErrnoException {
        return openat(AT_FDCWD, path, flags, 0);
    }

    /**
     * A directory's own entry.
     *
     * @param name without a slash; a symbolic link is an error unless {@code flags} has {@link #PATH}
     * @param mode of a file that is created, before the umask
     */
    public static Fd openAt(Fd directory, String name, int flags, int mode) throws ErrnoException {
        requireEntryName(name);
        return openat(directory.number(), name, flags | NO_FOLLOW, mode);
    }

    /**
     * A file as a process with its root at {@code root} would find it: absolute names, symbolic links and {@code ..}
     * lead nowhere outside.
     *
     * @param flags with {@link #NO_FOLLOW}, a last component that is a link is not followed
     */
    public static Fd openInRoot(Fd root, String path, int flags) throws ErrnoException {
        return openat2(root, path, flags, IN_ROOT);
    }

    /** As {@link #openInRoot}, but a symbolic link or a mount anywhere on the way is an error. */
    public static Fd openPlainly(Fd root, String path, int flags) throws ErrnoException {
        return openat2(root, path, flags | NO_FOLLOW, PLAIN_IN_ROOT);
    }

    /** As {@link #openInRoot}, but a symbolic link on the way is an error; one at the end is itself with {@link #PATH}. */
    public static Fd openDirectly(Fd root, String path, int flags) throws ErrnoException {
        return openat2(root, path, flags | NO_FOLLOW, DIRECTLY_IN_ROOT);
    }

    /** The very file that a descriptor of {@link #PATH} stands for, whatever has its name by now. */
    public static Fd reopen(Fd file, int flags) throws ErrnoException {
        return openat(AT_FDCWD, file.path(), flags, 0);
    }

    /** As {@link #openInRoot}, but what leads outside is an error, EXDEV. */
    public static Fd openBeneath(Fd root, String path, int flags) throws ErrnoException {
        return openat2(root, path, flags, BENEATH);
    }

    private static Fd openat2(Fd root, String path, int flags, long resolve) throws ErrnoException {
        long fd = Call.run("openat2", path, (state, arena) -> {
            MemorySegment how = arena.allocate(24, 8);
            how.set(LONG, 0, flags | CLOSE_ON_EXEC);
            how.set(LONG, 16, resolve);
            MemorySegment name = ByteStrings.allocate(arena, path.isEmpty() ? "." : path);
            return (long) OPENAT2.invokeExact(state, SYS_OPENAT2, (long) root.number(), name, how, 24L);
        });
        return new Fd((int) fd);
    }

    private static Fd openat(int directory, String name, int flags, int mode) throws ErrnoException {
        long fd = Call.run("open", name, (state, arena) -> (int)
                OPENAT.invokeExact(state, directory, ByteStrings.allocate(arena, name), flags | CLOSE_ON_EXEC, mode));
        return new Fd((int) fd);
    }

    /** {@return bytes read, 0 at the end} */
    public static int read(Fd file, MemorySegment buffer) throws ErrnoException {
        return (int) Call.run("read", "", (state, arena) ->
                (long) READ_CALL.invokeExact(state, file.number(), buffer, buffer.byteSize()));
    }

    /** As {@link #read} from a position, in bytes from the file's start; the file's own position stays. */
    public static int readAt(Fd file, MemorySegment buffer, long position) throws ErrnoException {
        return (int) Call.run("pread", "", (state, arena) ->
                (long) PREAD.invokeExact(state, file.number(), buffer, buffer.byteSize(), position));
    }

    /** Writes the whole buffer at a position, in bytes from the file's start. */
    public static void write(Fd file, MemorySegment buffer, long position) throws ErrnoException {
        long done = 0;
        while (done < buffer.byteSize()) {
            MemorySegment rest = buffer.asSlice(done);
            long at = position + done;
            done += Call.run("write", "", (state, arena) ->
                    (long) PWRITE.invokeExact(state, file.number(), rest, rest.byteSize(), at));
        }
    }

    public static void truncate(Fd file, long size) throws ErrnoException {
        Call.run("ftruncate", "", (state, arena) -> (int) FTRUNCATE.invokeExact(state, file.number(), size));
    }

    /** Back to the start, also of a directory's list. */
    public static void rewind(Fd file) throws ErrnoException {
        Call.run("lseek", "", (state, arena) -> (long) LSEEK.invokeExact(state, file.number(), 0L, 0));
    }

    /**
     * Copies from both files' own positions inside the kernel, sharing blocks where the filesystem can. Between two
     * filesystems (an overlay and the disk below it) only sendfile(2) does that.
     *
     * @return bytes copied, 0 at the end
     */
    public static long copyRange(Fd from, Fd to, long atMost) throws ErrnoException {
        try {
            return Call.run("copy_file_range", "", (state, arena) -> (long) COPY_RANGE.invokeExact(
                    state, from.number(), MemorySegment.NULL, to.number(), MemorySegment.NULL, atMost, 0));
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.EXDEV) {
                throw e;
            }
            return Call.run("sendfile", "", (state, arena) ->
                    (long) SENDFILE.invokeExact(state, to.number(), from.number(), MemorySegment.NULL, atMost));
        }
    }

    /** Puts all of the filesystem's changes on the disk. */
    public static void syncFilesystem(Fd any) throws ErrnoException {
        Call.run("syncfs", "", (state, arena) -> (int) SYNCFS.invokeExact(state, any.number()));
    }

    public static void sync(Fd file) throws ErrnoException {
        Call.run("fsync", "", (state, arena) -> (int) FSYNC.invokeExact(state, file.number()));
    }

    /** Bytes that may still be written by programs without privileges, on the filesystem of a trusted path. */
    public static long freeBytes(String path) throws ErrnoException {
        // struct statfs of 64-bit Linux: type, block size, blocks, free, available
        return statfs(path, buffer -> buffer.get(LONG, 8) * buffer.get(LONG, 32));
    }

    /** Flags of {@link Mounts} that a trusted path is mounted with, as far as statfs(2) tells them. */
    public static long mountFlags(String path) throws ErrnoException {
        return statfs(path, buffer -> buffer.get(LONG, 80));
    }

    private static long statfs(String path, ToLongFunction<MemorySegment> field) throws ErrnoException {
        long[] read = new long[1];
        Call.run("statfs", path, (state, arena) -> {
            MemorySegment buffer = arena.allocate(120, 8);
            int answer = (int) STATFS.invokeExact(state, ByteStrings.allocate(arena, path), buffer);
            read[0] = field.applyAsLong(buffer);
            return answer;
        });
        return read[0];
    }

    /** A name with a slash would be a path, and could lead out of the directory. */
    static void requireEntryName(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
            throw new IllegalArgumentException("Not the name of a directory entry: " + ByteStrings.toText(name));
        }
    }

    static MemorySegment name(Arena arena, String name) {
        requireEntryName(name);
        return ByteStrings.allocate(arena, name);
    }
}
