package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.LONG;
import static dev.gantry.agent.linux.Libc.POINTER;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/**
 * Owner, mode, times and extended attributes, by descriptor or by a directory's entry. An entry that is a symbolic
 * link is itself, never what it points to.
 */
public final class Attributes {
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    /** linux/stat.h: STATX_ATTR_MOUNT_ROOT. */
    private static final long MOUNT_ROOT = 0x2000;

    private static final int MAX_VALUE = 64 * 1024;

    private static final MethodHandle STATX =
            Libc.withErrno("statx", FunctionDescriptor.of(INT, INT, POINTER, INT, INT, POINTER));
    private static final MethodHandle FCHOWNAT =
            Libc.withErrno("fchownat", FunctionDescriptor.of(INT, INT, POINTER, INT, INT, INT));
    private static final MethodHandle FCHMODAT =
            Libc.withErrno("fchmodat", FunctionDescriptor.of(INT, INT, POINTER, INT, INT));
    private static final MethodHandle FCHMOD = Libc.withErrno("fchmod", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle UTIMENSAT =
            Libc.withErrno("utimensat", FunctionDescriptor.of(INT, INT, POINTER, POINTER, INT));
    private static final MethodHandle FUTIMENS = Libc.withErrno("futimens", FunctionDescriptor.of(INT, INT, POINTER));
    private static final MethodHandle LSETXATTR =
            Libc.withErrno("lsetxattr", FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, LONG, INT));
    private static final MethodHandle LGETXATTR =
            Libc.withErrno("lgetxattr", FunctionDescriptor.of(LONG, POINTER, POINTER, POINTER, LONG));
    private static final MethodHandle GETXATTR =
            Libc.withErrno("getxattr", FunctionDescriptor.of(LONG, POINTER, POINTER, POINTER, LONG));
    private static final MethodHandle LLISTXATTR =
            Libc.withErrno("llistxattr", FunctionDescriptor.of(LONG, POINTER, POINTER, LONG));
    private static final MethodHandle LISTXATTR =
            Libc.withErrno("listxattr", FunctionDescriptor.of(LONG, POINTER, POINTER, LONG));
    private static final MethodHandle FSETXATTR =
            Libc.withErrno("fsetxattr", FunctionDescriptor.of(INT, INT, POINTER, POINTER, LONG, INT));

    private Attributes() {}

    public static Stat stat(Fd file) throws ErrnoException {
        return stat(file, "", AT_EMPTY_PATH);
    }

    public static Stat stat(Fd directory, String name) throws ErrnoException {
        OpenFiles.requireEntryName(name);
        return stat(directory, name, AT_SYMLINK_NOFOLLOW);
    }

    private static Stat stat(Fd at, String name, int flags) throws ErrnoException {
        Stat[] result = new Stat[1];
        Call.run("stat", name, (state, arena) -> {
            MemorySegment buffer = arena.allocate(256, 8);
            int answer = (int) STATX.invokeExact(
                    state, at.number(), ByteStrings.allocate(arena, name), flags, STATX_BASIC_STATS, buffer);
            if (answer == 0) {
                result[0] = read(buffer);
            }
            return answer;
        });
        return result[0];
    }

    /** struct statx has the same offsets on every architecture (linux/stat.h). */
    private static Stat read(MemorySegment statx) {
        return new Stat(
                Short.toUnsignedInt(statx.get(ValueLayout.JAVA_SHORT, 28)),
                statx.get(INT, 20),
                statx.get(INT, 24),
                Integer.toUnsignedLong(statx.get(INT, 16)),
                statx.get(LONG, 32),
                ((long) statx.get(INT, 136) << 32) | Integer.toUnsignedLong(statx.get(INT, 140)),
                statx.get(LONG, 40),
                statx.get(INT, 128),
                statx.get(INT, 132),
                statx.get(LONG, 64),
                statx.get(INT, 72),
                statx.get(LONG, 112),
                statx.get(INT, 120),
                (statx.get(LONG, 8) & MOUNT_ROOT) != 0);
    }

    /** Clears set-id bits and capabilities, as the kernel does: set the mode and those attributes afterwards. */
    public static void chown(Fd file, int uid, int gid) throws ErrnoException {
        chown(file, "", uid, gid, AT_EMPTY_PATH);
    }

    public static void chown(Fd directory, String name, int uid, int gid) throws ErrnoException {
        OpenFiles.requireEntryName(name);
        chown(directory, name, uid, gid, AT_SYMLINK_NOFOLLOW);
    }

    private static void chown(Fd at, String name, int uid, int gid, int flags) throws ErrnoException {
        Call.run("chown", name, (state, arena) ->
                (int) FCHOWNAT.invokeExact(state, at.number(), ByteStrings.allocate(arena, name), uid, gid, flags));
    }

    /** The file must be open for reading or writing, not for {@link OpenFiles#PATH}. */
    public static void chmod(Fd file, int permissions) throws ErrnoException {
        Call.run("chmod", "", (state, arena) -> (int) FCHMOD.invokeExact(state, file.number(), permissions));
    }

    /** The one call that follows a symbolic link: only for an entry that the caller has just made and knows not to be one. */
    public static void chmod(Fd directory, String name, int permissions) throws ErrnoException {
        Call.run("chmod", name, (state, arena) ->
                (int) FCHMODAT.invokeExact(state, directory.number(), OpenFiles.name(arena, name), permissions, 0));
    }

    /** Sets both times of an open file, in seconds since 1970 and nanoseconds. */
    public static void times(Fd file, long accessed, int accessedNanos, long modified, int modifiedNanos)
            throws ErrnoException {
        Call.run("futimens", "", (state, arena) -> (int) FUTIMENS.invokeExact(
                state, file.number(), timespecs(arena, accessed, accessedNanos, modified, modifiedNanos)));
    }

    public static void times(
            Fd directory, String name, long accessed, int accessedNanos, long modified, int modifiedNanos)
            throws ErrnoException {
        Call.run("utimensat", name, (state, arena) -> (int) UTIMENSAT.invokeExact(
                state,
                directory.number(),
                OpenFiles.name(arena, name),
                timespecs(arena, accessed, accessedNanos, modified, modifiedNanos),
                AT_SYMLINK_NOFOLLOW));
    }

    private static MemorySegment timespecs(Arena arena, long accessed, int accessedNanos, long modified, int nanos) {
        return arena.allocateFrom(LONG, accessed, accessedNanos, modified, nanos);
    }

    /** The file must be open for reading or writing, not for {@link OpenFiles#PATH}. */
    public static void setExtended(Fd file, String attribute, byte[] value) throws ErrnoException {
        Call.run("setxattr", attribute, (state, arena) -> (int) FSETXATTR.invokeExact(
                state,
                file.number(),
                ByteStrings.allocate(arena, attribute),
                arena.allocateFrom(ValueLayout.JAVA_BYTE, value),
                (long) value.length,
                0));
    }

    public static void setExtended(Fd directory, String name, String attribute, byte[] value) throws ErrnoException {
        Call.run("setxattr", attribute, (state, arena) -> (int) LSETXATTR.invokeExact(
                state,
                ByteStrings.allocate(arena, entry(directory, name)),
                ByteStrings.allocate(arena, attribute),
                arena.allocateFrom(ValueLayout.JAVA_BYTE, value),
                (long) value.length,
                0));
    }

    /** The value of an attribute, at most 64 KiB, which is the kernel's own bound. */
    public static byte[] extended(Fd directory, String name, String attribute) throws ErrnoException {
        return extended(entry(directory, name), attribute);
    }

    /** As above, of an open directory itself. */
    public static byte[] extended(Fd directory, String attribute) throws ErrnoException {
        return extended(self(directory), attribute);
    }

    /** As above, of any open file, also one that is open for {@link OpenFiles#PATH}; empty when it has none of the name. */
    public static Optional<byte[]> extendedOf(Fd file, String attribute) throws ErrnoException {
        try {
            return Optional.of(extended(GETXATTR, file.path(), attribute));
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENODATA || e.errno() == ErrnoException.ENOTSUP) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static byte[] extended(String path, String attribute) throws ErrnoException {
        return extended(LGETXATTR, path, attribute);
    }

    private static byte[] extended(MethodHandle getxattr, String path, String attribute) throws ErrnoException {
        byte[][] value = new byte[1][];
        Call.run("getxattr", attribute, (state, arena) -> {
            MemorySegment buffer = arena.allocate(MAX_VALUE);
            long length = (long) getxattr.invokeExact(
                    state,
                    ByteStrings.allocate(arena, path),
                    ByteStrings.allocate(arena, attribute),
                    buffer,
                    buffer.byteSize());
            if (length >= 0) {
                value[0] = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            }
            return length;
        });
        return value[0];
    }

    /** Names of all extended attributes. */
    public static List<String> extendedNames(Fd directory, String name) throws ErrnoException {
        return extendedNames(entry(directory, name));
    }

    /** As above, of an open directory itself. */
    public static List<String> extendedNames(Fd directory) throws ErrnoException {
        return extendedNames(self(directory));
    }

    /** As above, of any open file, also one that is open for {@link OpenFiles#PATH}; none where there are no attributes. */
    public static List<String> extendedNamesOf(Fd file) throws ErrnoException {
        try {
            return extendedNames(LISTXATTR, file.path());
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOTSUP) {
                return List.of();
            }
            throw e;
        }
    }

    private static List<String> extendedNames(String path) throws ErrnoException {
        return extendedNames(LLISTXATTR, path);
    }

    private static List<String> extendedNames(MethodHandle listxattr, String path) throws ErrnoException {
        String[] names = new String[1];
        Call.run("listxattr", path, (state, arena) -> {
            MemorySegment buffer = arena.allocate(MAX_VALUE);
            long length =
                    (long) listxattr.invokeExact(state, ByteStrings.allocate(arena, path), buffer, buffer.byteSize());
            if (length >= 0) {
                names[0] = new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), ISO_8859_1);
            }
            return length;
        });
        return names[0].isEmpty() ? List.of() : List.of(names[0].split("\0"));
    }

    /** There are no xattr calls relative to a directory before Linux 6.13; the path goes over the descriptor instead. */
    private static String entry(Fd directory, String name) {
        OpenFiles.requireEntryName(name);
        return directory.path() + "/" + name;
    }

    /** The path of a descriptor is a link, which the calls here do not follow; a directory's own entry is none. */
    private static String self(Fd directory) {
        return directory.path() + "/.";
    }
}
