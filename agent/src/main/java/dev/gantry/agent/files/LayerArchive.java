package dev.gantry.agent.files;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import dev.gantry.agent.snapshot.LayerStack;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Writes what a container changed in its root filesystem as a layer of an image: what it made or wrote, {@code .wh.name} for
 * what is gone, {@code .wh..wh..opq} in a directory that hides the one below (OCI image specification, "Layer").
 *
 * <p>The writable layer tells what there is to write, which is then read through the mounted filesystem: that is right also
 * where overlayfs keeps a file in parts. What every container is given is left out while it is as it was made. Nothing that
 * the container named {@code .wh.} is written, since it would be taken for a sign.
 */
final class LayerArchive {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final int MOST_NAMES = 50_000;
    private static final int LONGEST_PATH = 4095;

    private final LayerStack layers;
    private final Fd merged;
    private final TreeArchive archive;
    private final Names.Budget budget = new Names.Budget(MOST_NAMES);
    private final Deque<Level> levels = new ArrayDeque<>();

    /** @param merged the root filesystem as the container has it, without volumes */
    LayerArchive(LayerStack layers, Fd merged, TreeArchive archive) {
        this.layers = layers;
        this.merged = merged;
        this.archive = archive;
    }

    /** A directory that is being looked through. */
    private static final class Level {
        /** Empty, or ends with a slash. */
        private final String path;

        /** The writable layer, or all there is. */
        private final Fd source;

        private final Names entries;
        private boolean written;

        Level(String path, Fd source, Names entries, boolean written) {
            this.path = path;
            this.source = source;
            this.entries = entries;
            this.written = written;
        }
    }

    /** All but the archive's end. */
    void run() throws IOException {
        levels.push(new Level("", layers.upper(), Names.of(layers.upper(), "", budget), true));
        try {
            while (!levels.isEmpty()) {
                String name = levels.peek().entries.next();
                if (name == null) {
                    levels.pop().entries.close();
                } else if (!name.startsWith(WHITEOUT)) {
                    add(levels.peek(), name);
                }
            }
        } finally {
            levels.forEach(level -> level.entries.close());
        }
    }

    private void add(Level level, String name) throws IOException {
        String path = level.path + name;
        if (path.length() > LONGEST_PATH) {
            throw new IOException("a path is longer than " + LONGEST_PATH + " bytes");
        }
        try (Fd own = OpenFiles.openDirectly(level.source, path, OpenFiles.PATH)) {
            Stat stat = Attributes.stat(own);
            if (stat.isWhiteout()) {
                hide(level, name);
            } else if (stat.isDirectory()) {
                addDirectory(level, path, own, stat);
            } else if (!isInitial(path, stat)) {
                addFile(level, name);
            }
        } catch (ErrnoException e) {
            ignoreIfGone(e);
        }
    }

    private void addFile(Level level, String name) throws IOException {
        try (Fd file = OpenFiles.openDirectly(merged, level.path + name, OpenFiles.PATH)) {
            if (Attributes.stat(file).type() != Stat.SOCKET) {
                parents();
                archive.add(file, level.path + name);
            } else if (inImage(level.path + name).isPresent()) {
                // No archive holds a socket. What it took the place of is gone all the same.
                hide(level, name);
            }
        }
    }

    private void hide(Level level, String name) throws IOException {
        parents();
        archive.addEmpty(level.path + WHITEOUT + name);
    }

    private void addDirectory(Level level, String path, Fd own, Stat stat) throws IOException {
        boolean redirected = level.source == layers.upper() && LayerStack.isRedirected(own);
        boolean opaque = redirected || level.source == layers.upper() && LayerStack.isOpaque(own);
        Fd source = redirected ? merged : level.source;
        boolean waits = !opaque && isAsFound(path, stat);
        if (!waits) {
            parents();
            write(path + "/");
        }
        if (opaque) {
            archive.addEmpty(path + "/" + OPAQUE);
        }
        levels.push(new Level(path + "/", source, Names.of(source, path, budget), !waits));
    }

    /** Directories that are there for what is in them alone are written before the first of that. */
    private void parents() throws IOException {
        for (Level level : levels.reversed()) {
            if (!level.written) {
                level.written = true;
                write(level.path);
            }
        }
    }

    private void write(String directory) throws IOException {
        try (Fd file = OpenFiles.openDirectly(
                merged, directory.substring(0, directory.length() - 1), OpenFiles.PATH | OpenFiles.DIRECTORY)) {
            archive.add(file, directory);
        }
    }

    private boolean isInitial(String path, Stat stat) throws ErrnoException {
        return LayerStack.isInitial("/" + path, stat) && inImage(path).isEmpty();
    }

    /** Whether it is a directory that every container is given things in, and itself as the image has it. */
    private boolean isAsFound(String path, Stat stat) throws ErrnoException {
        if (!LayerStack.isInitial("/" + path, stat)) {
            return false;
        }
        Optional<Stat> before = inImage(path);
        return before.isEmpty()
                || before.get().mode() == stat.mode()
                        && before.get().uid() == stat.uid()
                        && before.get().gid() == stat.gid();
    }

    /** What the topmost layer of the image that has it has there. */
    private Optional<Stat> inImage(String path) throws ErrnoException {
        for (Fd layer : layers.lower()) {
            try (Fd file = OpenFiles.openDirectly(layer, path, OpenFiles.PATH)) {
                Stat stat = Attributes.stat(file);
                return stat.isWhiteout() ? Optional.empty() : Optional.of(stat);
            } catch (ErrnoException e) {
                ignoreIfGone(e);
            }
        }
        return Optional.empty();
    }

    private static void ignoreIfGone(ErrnoException e) throws ErrnoException {
        switch (e.errno()) {
            case ErrnoException.ENOENT, ErrnoException.ENOTDIR, ErrnoException.ELOOP -> {}
            default -> throw e;
        }
    }
}
