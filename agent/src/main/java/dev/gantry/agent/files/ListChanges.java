package dev.gantry.agent.files;

import dev.gantry.agent.api.ContainerOperations.Change;
import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import dev.gantry.agent.snapshot.LayerStack;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * What a container changed in its root filesystem. The same as dockerd finds by comparing all of it with the image, but
 * looking only where the writable layer has something: directories differ by mode and owner, all else by time, size and
 * capability as well; of a directory that is gone only itself is told; a directory in which something changed is told of
 * before that.
 */
final class ListChanges {
    private static final int MODIFIED = 0;
    private static final int ADDED = 1;
    private static final int DELETED = 2;

    private static final int MOST_NAMES = 50_000;
    private static final int LONGEST_PATH = 4095;
    private static final String CAPABILITY = "security.capability";

    private final LayerStack layers;
    private final Fd merged;
    private final Receiver receiver;
    private final Deque<Level> levels = new ArrayDeque<>();

    /** Where changes go, one after the other. */
    interface Receiver {
        void accept(Change change) throws IOException;
    }

    /** @param merged the root filesystem as the container has it, without volumes */
    ListChanges(LayerStack layers, Fd merged, Receiver receiver) {
        this.layers = layers;
        this.merged = merged;
        this.receiver = receiver;
    }

    /** A directory that is being looked through. */
    private static final class Level {
        private final String path;
        /** What the container has there: its writable layer, or all of it. */
        private final Fd now;
        /** Which layers of the image have the directory, top first. */
        private final List<Fd> image;

        /** Where names are looked for, one after the other; those that an earlier one has are left out. */
        private final List<Fd> sources;

        private boolean told;
        private int source = -1;
        private Names names;

        Level(String path, Fd now, List<Fd> image, boolean told, List<Fd> sources) {
            this.path = path;
            this.now = now;
            this.image = image;
            this.told = told;
            this.sources = sources;
        }

        /** Null after the last. */
        String next(Names.Budget budget) throws ErrnoException {
            while (true) {
                String name = names == null ? null : names.next();
                if (name == null) {
                    close();
                    if (++source == sources.size()) {
                        return null;
                    }
                    names = open(sources.get(source), budget);
                } else if (isNew(name)) {
                    return name;
                }
            }
        }

        private Names open(Fd root, Names.Budget budget) throws ErrnoException {
            try {
                return Names.of(root, "/" + path, budget);
            } catch (ErrnoException e) {
                ignoreIfGone(e);
                return null;
            }
        }

        private boolean isNew(String name) throws ErrnoException {
            for (Fd earlier : sources.subList(0, source)) {
                if (stat(earlier, path + "/" + name).isPresent()) {
                    return false;
                }
            }
            return true;
        }

        void close() {
            if (names != null) {
                names.close();
                names = null;
            }
        }
    }

    /**
     * A file of the image.
     *
     * @param layer that has it
     * @param directories layers that have it, a directory, without those that are hidden by others
     */
    private record InImage(Fd layer, Stat stat, List<Fd> directories) {}

    void run() throws IOException {
        Names.Budget budget = new Names.Budget(MOST_NAMES);
        levels.push(level("", layers.upper(), layers.lower(), true));
        try {
            while (!levels.isEmpty()) {
                Level level = levels.peek();
                String name = level.next(budget);
                if (name == null) {
                    levels.pop();
                } else {
                    compare(level, level.path + "/" + name);
                }
            }
        } finally {
            levels.forEach(Level::close);
        }
    }

    private Level level(String path, Fd now, List<Fd> image, boolean told) throws ErrnoException {
        Fd from = now;
        List<Fd> sources = new ArrayList<>();
        if (now == layers.upper() && !path.isEmpty()) {
            try (Fd directory = open(now, path)) {
                boolean redirected = LayerStack.isRedirected(directory);
                from = redirected ? merged : now;
                if (redirected || LayerStack.isOpaque(directory)) {
                    sources.addAll(image);
                }
            }
        } else if (now == merged) {
            sources.addAll(image);
        }
        sources.addFirst(from);
        return new Level(path, from, image, told, sources);
    }

    private void compare(Level level, String path) throws IOException {
        if (path.length() > LONGEST_PATH) {
            return;
        }
        Optional<Stat> now = stat(level.now, path).filter(stat -> !stat.isWhiteout());
        Optional<InImage> before = inImage(level.image, path);
        if (now.isEmpty()) {
            if (before.isPresent()) {
                tell(path, DELETED);
            }
            return;
        }
        boolean told = true;
        if (before.isPresent() ? differ(level.now, path, now.get(), before.get()) : !isInitial(path, now.get())) {
            tell(path, before.isPresent() ? MODIFIED : ADDED);
        } else {
            told = false;
        }
        if (now.get().isDirectory()) {
            List<Fd> image = before.map(InImage::directories).orElse(List.of());
            try {
                levels.push(level(path, level.now, image, told));
            } catch (ErrnoException e) {
                ignoreIfGone(e);
            }
        }
    }

    private static boolean isInitial(String path, Stat stat) {
        return LayerStack.isInitial(path, stat);
    }

    private Optional<InImage> inImage(List<Fd> having, String path) throws ErrnoException {
        List<Fd> directories = new ArrayList<>();
        InImage found = null;
        for (Fd layer : having) {
            Optional<Stat> stat = stat(layer, path);
            if (stat.isEmpty()) {
                continue;
            }
            if (stat.get().isWhiteout()) {
                break;
            }
            if (found == null) {
                found = new InImage(layer, stat.get(), directories);
            }
            if (!stat.get().isDirectory()) {
                break;
            }
            directories.add(layer);
            try (Fd directory = open(layer, path)) {
                if (LayerStack.isOpaque(directory)) {
                    break;
                }
            }
        }
        return Optional.ofNullable(found);
    }

    private static boolean differ(Fd root, String path, Stat now, InImage image) throws ErrnoException {
        Stat before = image.stat();
        if (now.mode() != before.mode()
                || now.uid() != before.uid()
                || now.gid() != before.gid()
                || now.major() != before.major()
                || now.minor() != before.minor()) {
            return true;
        }
        if (now.isDirectory()) {
            return false;
        }
        // Some tools keep whole seconds only: dockerd compares no finer then.
        boolean sameTime = now.modifiedSeconds() == before.modifiedSeconds()
                && (now.modifiedNanos() == before.modifiedNanos()
                        || now.modifiedNanos() == 0
                        || before.modifiedNanos() == 0);
        return !sameTime
                || now.size() != before.size()
                || now.type() == Stat.REGULAR
                        && !Arrays.equals(capability(root, path), capability(image.layer(), path));
    }

    private static byte[] capability(Fd root, String path) throws ErrnoException {
        try (Fd file = open(root, path)) {
            return Attributes.extendedOf(file, CAPABILITY).orElse(null);
        } catch (ErrnoException e) {
            ignoreIfGone(e);
            return null;
        }
    }

    private void tell(String path, int kind) throws IOException {
        for (Level level : levels.reversed()) {
            if (!level.told) {
                level.told = true;
                receiver.accept(new Change(ByteStrings.toText(level.path), MODIFIED));
            }
        }
        receiver.accept(new Change(ByteStrings.toText(path), kind));
    }

    private static Fd open(Fd root, String path) throws ErrnoException {
        return OpenFiles.openDirectly(root, path, OpenFiles.PATH);
    }

    private static Optional<Stat> stat(Fd root, String path) throws ErrnoException {
        try (Fd file = open(root, path)) {
            return Optional.of(Attributes.stat(file));
        } catch (ErrnoException e) {
            ignoreIfGone(e);
            return Optional.empty();
        }
    }

    private static void ignoreIfGone(ErrnoException e) throws ErrnoException {
        switch (e.errno()) {
            case ErrnoException.ENOENT, ErrnoException.ENOTDIR, ErrnoException.ELOOP -> {}
            default -> throw e;
        }
    }
}
