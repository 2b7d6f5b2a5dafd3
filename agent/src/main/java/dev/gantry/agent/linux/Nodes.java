package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.LONG;
import static dev.gantry.agent.linux.Libc.POINTER;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * Making, linking, renaming, removing and listing the entries of a directory. A name is one entry's {@link ByteStrings
 * name}, never a path, and a symbolic link is itself, never what it points to.
 */
public final class Nodes {
    private static final int AT_REMOVEDIR = 0x200;
    private static final int RENAME_NOREPLACE = 1;
    private static final int LIST_BUFFER = 64 * 1024;

    private static final MethodHandle MKDIRAT =
            Libc.withErrno("mkdirat", FunctionDescriptor.of(INT, INT, POINTER, INT));
    private static final MethodHandle MKNODAT =
            Libc.withErrno("mknodat", FunctionDescriptor.of(INT, INT, POINTER, INT, LONG));
    private static final MethodHandle SYMLINKAT =
            Libc.withErrno("symlinkat", FunctionDescriptor.of(INT, POINTER, INT, POINTER));
    private static final MethodHandle LINKAT =
            Libc.withErrno("linkat", FunctionDescriptor.of(INT, INT, POINTER, INT, POINTER, INT));
    private static final MethodHandle RENAMEAT2 =
            Libc.withErrno("renameat2", FunctionDescriptor.of(INT, INT, POINTER, INT, POINTER, INT));
    private static final MethodHandle UNLINKAT =
            Libc.withErrno("unlinkat", FunctionDescriptor.of(INT, INT, POINTER, INT));
    private static final MethodHandle READLINKAT =
            Libc.withErrno("readlinkat", FunctionDescriptor.of(LONG, INT, POINTER, POINTER, LONG));
    private static final MethodHandle GETDENTS = Libc.withErrno(
            "syscall", FunctionDescriptor.of(LONG, LONG, LONG, POINTER, LONG), Linker.Option.firstVariadicArg(1));
    private static final long SYS_GETDENTS64 = System.getProperty("os.arch").equals("aarch64") ? 61 : 217;

    private Nodes() {}

    /** Makes a directory; {@code mode} is permission bits, before the umask. */
    public static void makeDirectory(Fd directory, String name, int mode) throws ErrnoException {
        Call.run("mkdir", name, (state, arena) ->
                (int) MKDIRAT.invokeExact(state, directory.number(), OpenFiles.name(arena, name), mode));
    }

    /**
     * A device, fifo or socket.
     *
     * @param mode one of {@link Stat}'s types, and permission bits before the umask
     */
    public static void makeNode(Fd directory, String name, int mode, int major, int minor) throws ErrnoException {
        Call.run("mknod", name, (state, arena) -> (int) MKNODAT.invokeExact(
                state, directory.number(), OpenFiles.name(arena, name), mode, device(major, minor)));
    }

    /** As glibc's gnu_dev_makedev: 12 bits and 20 bits for the major number, 8 and 24 for the minor one. */
    private static long device(int major, int minor) {
        return (minor & 0xffL)
                | ((major & 0xfffL) << 8)
                | ((minor & 0xffffff00L) << 12)
                | ((major & 0xfffff000L) << 32);
    }

    /** Makes a symbolic link; the target is kept as it is, resolved by nobody. */
    public static void makeSymbolicLink(Fd directory, String name, String target) throws ErrnoException {
        Call.run("symlink", name, (state, arena) -> (int) SYMLINKAT.invokeExact(
                state, ByteStrings.allocate(arena, target), directory.number(), OpenFiles.name(arena, name)));
    }

    /** A second name for a file that is not a directory. */
    public static void makeLink(Fd existingDirectory, String existing, Fd directory, String name)
            throws ErrnoException {
        Call.run("link", name, (state, arena) -> (int) LINKAT.invokeExact(
                state,
                existingDirectory.number(),
                OpenFiles.name(arena, existing),
                directory.number(),
                OpenFiles.name(arena, name),
                0));
    }

    /** Moves an entry; an existing one under the new name is an error. */
    public static void rename(Fd fromDirectory, String from, Fd toDirectory, String to) throws ErrnoException {
        Call.run("rename", from, (state, arena) -> (int) RENAMEAT2.invokeExact(
                state,
                fromDirectory.number(),
                OpenFiles.name(arena, from),
                toDirectory.number(),
                OpenFiles.name(arena, to),
                RENAME_NOREPLACE));
    }

    public static void removeFile(Fd directory, String name) throws ErrnoException {
        unlink(directory, name, 0);
    }

    /** The directory must be empty. */
    public static void removeDirectory(Fd directory, String name) throws ErrnoException {
        unlink(directory, name, AT_REMOVEDIR);
    }

    private static void unlink(Fd directory, String name, int flags) throws ErrnoException {
        Call.run("unlink", name, (state, arena) ->
                (int) UNLINKAT.invokeExact(state, directory.number(), OpenFiles.name(arena, name), flags));
    }

    /** What a symbolic link says, as a byte string of at most 4095 bytes. */
    public static String readSymbolicLink(Fd directory, String name) throws ErrnoException {
        OpenFiles.requireEntryName(name);
        return readLink(directory, name);
    }

    /** As above, of a link that is open for {@link OpenFiles#PATH}. */
    public static String readSymbolicLink(Fd link) throws ErrnoException {
        return readLink(link, "");
    }

    /** Where an open file is, from the root of its mount namespace; not where it was removed. */
    public static String pathOf(Fd file) throws ErrnoException {
        return readLink(file, file.path());
    }

    private static String readLink(Fd directory, String path) throws ErrnoException {
        String[] target = {""};
        Call.run("readlink", path, (state, arena) -> {
            MemorySegment buffer = arena.allocate(4096);
            long length = (long) READLINKAT.invokeExact(
                    state, directory.number(), ByteStrings.allocate(arena, path), buffer, buffer.byteSize());
            if (length > 0) {
                target[0] = new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), ISO_8859_1);
            }
            return length;
        });
        return target[0];
    }

    /** An entry of a directory. */
    public record Entry(String name, boolean isDirectory) {}

    /** All entries but {@code .} and {@code ..}, in no order. The descriptor must be open for reading and at its start. */
    public static List<Entry> list(Fd directory) throws ErrnoException {
        List<Entry> entries = new ArrayList<>();
        Call.run("getdents64", "", (state, arena) -> {
            MemorySegment buffer = arena.allocate(LIST_BUFFER, 8);
            while (true) {
                long length = (long) GETDENTS.invokeExact(
                        state, SYS_GETDENTS64, (long) directory.number(), buffer, buffer.byteSize());
                if (length <= 0) {
                    return length;
                }
                addEntries(buffer.asSlice(0, length), entries, directory);
            }
        });
        return entries;
    }

    /**
     * Some more entries, few enough for a buffer of that size; none at the end. As {@link #list}, for directories that may
     * have more than fit into memory.
     *
     * @param bytes at least 300
     */
    public static List<Entry> listSome(Fd directory, int bytes) throws ErrnoException {
        List<Entry> entries = new ArrayList<>();
        long[] length = {1};
        // Dots are no entries: a buffer of nothing else is not the end.
        while (entries.isEmpty() && length[0] > 0) {
            Call.run("getdents64", "", (state, arena) -> {
                MemorySegment buffer = arena.allocate(bytes, 8);
                length[0] = (long) GETDENTS.invokeExact(
                        state, SYS_GETDENTS64, (long) directory.number(), buffer, buffer.byteSize());
                if (length[0] > 0) {
                    addEntries(buffer.asSlice(0, length[0]), entries, directory);
                }
                return length[0];
            });
        }
        return entries;
    }

    /** struct linux_dirent64: inode 8, offset 8, record length 2, type 1, then the name. */
    private static void addEntries(MemorySegment buffer, List<Entry> entries, Fd directory) throws ErrnoException {
        for (long at = 0; at < buffer.byteSize(); ) {
            int length = Short.toUnsignedInt(buffer.get(ValueLayout.JAVA_SHORT, at + 16));
            byte type = buffer.get(ValueLayout.JAVA_BYTE, at + 18);
            String name = buffer.getString(at + 19, ISO_8859_1);
            if (!name.equals(".") && !name.equals("..")) {
                entries.add(new Entry(name, isDirectory(type, directory, name)));
            }
            at += length;
        }
    }

    /** Some filesystems leave the type out (0); 4 is a directory. */
    private static boolean isDirectory(byte type, Fd directory, String name) throws ErrnoException {
        return type == 0 ? Attributes.stat(directory, name).isDirectory() : type == 4;
    }
}
