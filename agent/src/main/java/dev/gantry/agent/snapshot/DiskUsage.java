package dev.gantry.agent.snapshot;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Bytes in a tree that containers may be changing meanwhile. As dockerd counts: sizes of files, each once however many
 * names it has, directories nothing.
 */
public final class DiskUsage {
    private final Fd root;
    private final Deque<String> directories = new ArrayDeque<>();
    private final Set<Long> linked = new HashSet<>();
    private long bytes;

    private DiskUsage(Fd root) {
        this.root = root;
    }

    /** @param directory trusted path */
    public static long of(String directory) throws ErrnoException {
        try (Fd root = OpenFiles.open(directory, OpenFiles.READ | OpenFiles.DIRECTORY)) {
            return new DiskUsage(root).count();
        }
    }

    private long count() throws ErrnoException {
        directories.add("");
        while (!directories.isEmpty()) {
            String path = directories.removeLast();
            try (Fd directory = OpenFiles.openPlainly(root, path, OpenFiles.READ | OpenFiles.DIRECTORY)) {
                count(directory, path);
            } catch (ErrnoException e) {
                ignoreIfGone(e);
            }
        }
        return bytes;
    }

    private void count(Fd directory, String path) throws ErrnoException {
        for (Nodes.Entry entry : Nodes.list(directory)) {
            if (entry.isDirectory()) {
                directories.add(path.isEmpty() ? entry.name() : path + "/" + entry.name());
            } else {
                try {
                    add(Attributes.stat(directory, entry.name()));
                } catch (ErrnoException e) {
                    ignoreIfGone(e);
                }
            }
        }
    }

    private void add(Stat file) {
        if (file.links() < 2 || linked.add(file.inode())) {
            bytes += file.size();
        }
    }

    /** Removed or replaced since it was listed, or deeper than a path can say. */
    private static void ignoreIfGone(ErrnoException e) throws ErrnoException {
        switch (e.errno()) {
            case ErrnoException.ENOENT,
                    ErrnoException.ENOTDIR,
                    ErrnoException.ELOOP,
                    ErrnoException.EXDEV,
                    ErrnoException.ENAMETOOLONG -> {}
            default -> throw e;
        }
    }
}
