package dev.gantry.agent.snapshot;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What Docker has in every container's filesystem, if the image does not have it: programs tell by {@code /.dockerenv}
 * that they run in a container, and {@code df} reads {@code /etc/mtab}. dockerd calls it the init layer.
 */
final class InitialFiles {
    private static final String MOUNTS = "/proc/mounts";
    private static final int DIRECTORY_MODE = 0755;
    private static final int FILE_MODE = 0755;

    private InitialFiles() {}

    /** @param rootfs mounted; what the image has in it is not trusted */
    static void create(Path rootfs) throws IOException {
        try (Fd root = OpenFiles.open(ByteStrings.of(rootfs), OpenFiles.PATH | OpenFiles.DIRECTORY)) {
            file(root, ".dockerenv");
            for (String name : List.of("etc", "dev", "proc", "sys")) {
                directory(root, name);
            }
            below(root, "etc", etc -> {
                for (String name : List.of("hosts", "hostname", "resolv.conf")) {
                    file(etc, name);
                }
                unlessThere(() -> Nodes.makeSymbolicLink(etc, "mtab", MOUNTS));
            });
            below(root, "dev", dev -> {
                directory(dev, "pts");
                directory(dev, "shm");
                file(dev, "console");
            });
        }
    }

    /** Whether a file that an image does not have is one of these, and still as it was made. */
    static boolean areMade(String path, Stat file) {
        return switch (path) {
            case "/etc", "/dev", "/proc", "/sys", "/dev/pts", "/dev/shm" -> file.isDirectory();
            case "/.dockerenv", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/console" ->
                file.type() == Stat.REGULAR && file.size() == 0;
            case "/etc/mtab" -> file.type() == Stat.SYMBOLIC_LINK && file.size() == MOUNTS.length();
            default -> false;
        };
    }

    private interface Filling {
        void fill(Fd directory) throws ErrnoException;
    }

    private static void below(Fd root, String name, Filling filling) throws ErrnoException {
        try (Fd directory = OpenFiles.openInRoot(root, name, OpenFiles.PATH | OpenFiles.DIRECTORY)) {
            filling.fill(directory);
        } catch (ErrnoException e) {
            // An image whose /etc leads nowhere or is a file: it has no such files then.
            switch (e.errno()) {
                case ErrnoException.ENOENT, ErrnoException.ENOTDIR, ErrnoException.ELOOP -> {}
                default -> throw e;
            }
        }
    }

    private static void directory(Fd parent, String name) throws ErrnoException {
        unlessThere(() -> {
            Nodes.makeDirectory(parent, name, DIRECTORY_MODE);
            Attributes.chmod(parent, name, DIRECTORY_MODE);
        });
    }

    /** How many bytes of a container's own it is, as {@link DiskUsage} counts. */
    static long bytes(Path upper) {
        try {
            boolean ours = Files.readSymbolicLink(upper.resolve("etc/mtab")).equals(Path.of(MOUNTS));
            return ours ? MOUNTS.length() : 0;
        } catch (IOException | UnsupportedOperationException e) {
            return 0;
        }
    }

    private static void file(Fd directory, String name) throws ErrnoException {
        int flags = OpenFiles.WRITE | OpenFiles.CREATE | OpenFiles.EXCLUSIVE;
        unlessThere(() -> {
            try (Fd made = OpenFiles.openAt(directory, name, flags, FILE_MODE)) {
                Attributes.chmod(made, FILE_MODE);
            }
        });
    }

    private interface Making {
        void run() throws ErrnoException;
    }

    private static void unlessThere(Making making) throws ErrnoException {
        try {
            making.run();
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.EEXIST) {
                throw e;
            }
        }
    }
}
