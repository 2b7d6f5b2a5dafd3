package dev.gantry.agent.linux;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Removes trees whose names and depth somebody else chose. Goes by descriptors, so links are removed and not followed;
 * stops at mounts; and holds few descriptors however deep the tree is.
 */
public final class TreeRemoval {
    private static final int MAX_DEPTH = 32;
    private static final AtomicLong MOVED = new AtomicLong();

    private TreeRemoval() {}

    /** Removes an entry and all below it; nothing happens when there is none. */
    public static void remove(Fd parent, String name) throws ErrnoException {
        try {
            removeFile(parent, name);
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.EISDIR) {
                removeDirectory(parent, name);
            } else if (e.errno() != ErrnoException.ENOENT) {
                throw e;
            }
        }
    }

    /**
     * The kernel refuses to remove what something is mounted on in the caller's own mount namespace only. In another one,
     * such as a container's, it takes the mount away with it.
     */
    private static void removeFile(Fd directory, String name) throws ErrnoException {
        if (Attributes.stat(directory, name).mountRoot()) {
            throw new ErrnoException("unlinkat", name, ErrnoException.EBUSY);
        }
        Nodes.removeFile(directory, name);
    }

    private static void removeDirectory(Fd parent, String name) throws ErrnoException {
        try (Fd directory = openUnmounted(parent, name)) {
            empty(directory);
        }
        Nodes.removeDirectory(parent, name);
    }

    /** Removes all that is in a directory. */
    public static void empty(Fd directory) throws ErrnoException {
        while (emptyOnce(directory, directory, 0)) {
            OpenFiles.rewind(directory);
        }
    }

    /**
     * @param top where directories go that lie too deep
     * @return whether some went there, so that it must be looked through again
     */
    private static boolean emptyOnce(Fd directory, Fd top, int depth) throws ErrnoException {
        boolean moved = false;
        for (Nodes.Entry entry : Nodes.list(directory)) {
            if (!entry.isDirectory()) {
                removeFile(directory, entry.name());
            } else if (depth == MAX_DEPTH) {
                Nodes.rename(directory, entry.name(), top, ".deep-" + MOVED.incrementAndGet());
                moved = true;
            } else {
                try (Fd child = openUnmounted(directory, entry.name())) {
                    moved |= emptyOnce(child, top, depth + 1);
                }
                Nodes.removeDirectory(directory, entry.name());
            }
        }
        return moved;
    }

    private static Fd openUnmounted(Fd parent, String name) throws ErrnoException {
        Fd directory = OpenFiles.openAt(parent, name, OpenFiles.READ | OpenFiles.DIRECTORY, 0);
        if (Attributes.stat(directory).mountRoot()) {
            directory.close();
            throw new ErrnoException("remove", name, ErrnoException.EBUSY);
        }
        return directory;
    }
}
