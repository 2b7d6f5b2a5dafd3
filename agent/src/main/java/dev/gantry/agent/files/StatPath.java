package dev.gantry.agent.files;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.PathStat;
import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** What a file in a container is, as Go's os.FileInfo tells it. */
final class StatPath {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private StatPath() {}

    /**
     * The file itself, a symbolic link too.
     *
     * @param path relative to the root when it is not absolute
     */
    static PathStat of(ContainerView view, String path) {
        try (Fd file = open(view.root().root(), path)) {
            return of(view, path, file);
        } catch (ErrnoException e) {
            throw FilesFailure.of("lstat", path, e);
        }
    }

    static Fd open(Fd root, String path) throws ErrnoException {
        return OpenFiles.openInRoot(root, path, OpenFiles.PATH | OpenFiles.NO_FOLLOW);
    }

    /** @param file opened by that path */
    static PathStat of(ContainerView view, String path, Fd file) throws ErrnoException {
        Stat stat = Attributes.stat(file);
        String target = stat.type() == Stat.SYMBOLIC_LINK
                ? FilePath.target(view.root().root(), path.startsWith("/") ? path : "/" + path)
                : "";
        return new PathStat(
                ByteStrings.toText(FilePath.base(path)),
                stat.size(),
                goMode(stat),
                time(stat.modifiedSeconds(), stat.modifiedNanos()),
                ByteStrings.toText(target));
    }

    /** As Go's fs.FileMode has type and special bits. */
    static long goMode(Stat stat) {
        long type =
                switch (stat.type()) {
                    case Stat.DIRECTORY -> 1L << 31;
                    case Stat.SYMBOLIC_LINK -> 1L << 27;
                    case Stat.BLOCK_DEVICE -> 1L << 26;
                    case Stat.CHARACTER_DEVICE -> 1L << 26 | 1L << 21;
                    case Stat.FIFO -> 1L << 25;
                    case Stat.SOCKET -> 1L << 24;
                    default -> 0;
                };
        int mode = stat.permissions();
        long special = ((mode & 04000) != 0 ? 1L << 23 : 0)
                | ((mode & 02000) != 0 ? 1L << 22 : 0)
                | ((mode & 01000) != 0 ? 1L << 20 : 0);
        return type | special | (mode & 0777);
    }

    /** As Go's time.RFC3339Nano: no zeros at the end. */
    static String time(long seconds, int nanos) {
        String fraction = nanos == 0 ? "" : String.format(".%09d", nanos).replaceAll("0+$", "");
        return SECONDS.format(Instant.ofEpochSecond(seconds)) + fraction + "Z";
    }

    /** @throws AgentFailure {@code BAD_REQUEST} when no file can have this path */
    static String checked(String path) {
        if (path == null || path.isEmpty() || path.indexOf('\0') >= 0) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "not the path of a file");
        }
        return ByteStrings.of(path);
    }
}
