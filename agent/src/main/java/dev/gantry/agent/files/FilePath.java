package dev.gantry.agent.files;

import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.OpenFiles;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Paths in a container as dockerd takes and shows them. All are {@link ByteStrings}. */
final class FilePath {
    /** As dockerd. */
    private static final int MOST_LINKS = 255;

    private FilePath() {}

    /**
     * Absolute and without dots, but for a slash or a dot at the end, by which a client says that it means a directory, or
     * what is in it.
     *
     * @param path not empty
     */
    static String absolute(String path) {
        String clean = CleanPath.of("/" + path);
        if (path.endsWith("/.") || path.equals(".")) {
            return clean.equals("/") ? "/." : clean + "/.";
        }
        return path.endsWith("/") && !clean.equals("/") ? clean + "/" : clean;
    }

    /** The last component, as Go's filepath.Base. */
    static String base(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return end == 0 ? "/" : path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    /**
     * Where a symbolic link leads in the end; what does not exist on the way stays as it is named.
     *
     * @param link absolute
     */
    static String target(Fd root, String link) throws ErrnoException {
        Deque<String> ahead = new ArrayDeque<>(components(link));
        String at = "/";
        int links = 0;
        while (!ahead.isEmpty()) {
            String next = CleanPath.of(at + "/" + ahead.poll());
            String target = read(root, next);
            if (target.isEmpty()) {
                at = next;
                continue;
            }
            if (++links > MOST_LINKS) {
                throw FilesFailure.refused("evalSymlinksInScope: too many links in " + ByteStrings.toText(link));
            }
            at = target.startsWith("/") ? "/" : at;
            components(target).reversed().forEach(ahead::push);
        }
        return at;
    }

    /** Empty when it is no symbolic link, or does not exist. */
    private static String read(Fd root, String path) throws ErrnoException {
        try (Fd file = OpenFiles.openDirectly(root, path, OpenFiles.PATH)) {
            return Nodes.readSymbolicLink(file);
        } catch (ErrnoException e) {
            return "";
        }
    }

    private static List<String> components(String path) {
        return List.of(path.split("/", -1)).stream()
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }
}
