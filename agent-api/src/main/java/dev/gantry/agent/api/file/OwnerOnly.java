package dev.gantry.agent.api.file;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/** Files and directories that nobody but their owner reaches, whatever the umask. */
public final class OwnerOnly {
    private static final int OTHERS = 077;
    private static final int SECRET_BYTES = 24;
    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> PASSABLE = PosixFilePermissions.fromString("rwx--x---");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

    private OwnerOnly() {}

    /**
     * From here on everything that this process or a child makes is its owner's alone, unless a mode is set afterwards:
     * sockets, too, and what libraries write. Each of our programs calls it first of all.
     */
    public static void umask() {
        try {
            Linker linker = Linker.nativeLinker();
            int _ = (int) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("umask"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                    .invokeExact(OTHERS);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes the directory and those above it that are missing; one that exists is closed to others. */
    public static Path directory(Path directory) throws IOException {
        Files.createDirectories(directory, attribute(DIRECTORY));
        return Files.setPosixFilePermissions(directory, DIRECTORY);
    }

    /** Closes a file to others, or a socket: after bind(2) it can be executed too, which means nothing. */
    public static void file(Path file) throws IOException {
        Files.setPosixFilePermissions(file, FILE);
    }

    /**
     * Lets a group pass through a directory that is closed to it, to what it may reach inside. A directory that everyone
     * may pass stays as it is.
     */
    public static void admit(Path directory, GroupPrincipal group) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(directory, PosixFileAttributeView.class);
        PosixFileAttributes now = view.readAttributes();
        if (!now.permissions().contains(PosixFilePermission.OTHERS_EXECUTE)) {
            view.setGroup(group);
            view.setPermissions(PASSABLE);
        }
    }

    /** Replaces the file as a whole: never written into one that others have open, nor half of it ever seen. */
    public static void write(Path file, String text) throws IOException {
        Path scratch = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(scratch);
        Files.createFile(scratch, attribute(FILE));
        Files.writeString(scratch, text);
        Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The random secret in the file, which is made when it is not there. */
    public static String secret(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] bytes = new byte[SECRET_BYTES];
            new SecureRandom().nextBytes(bytes);
            write(file, HexFormat.of().formatHex(bytes) + "\n");
        }
        return Files.readString(file).strip();
    }

    private static FileAttribute<Set<PosixFilePermission>> attribute(Set<PosixFilePermission> permissions) {
        return PosixFilePermissions.asFileAttribute(permissions);
    }
}
