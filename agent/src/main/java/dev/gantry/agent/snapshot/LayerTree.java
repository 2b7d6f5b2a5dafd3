package dev.gantry.agent.snapshot;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import dev.gantry.agent.linux.TreeRemoval;
import java.io.IOException;

/**
 * The directory that a layer or an archive is unpacked into. Every directory is found inside the root as a process confined to it
 * would find it, so that no symbolic link of the layer leads outside.
 */
public final class LayerTree implements AutoCloseable {
    private static final byte[] YES = {'y'};
    private static final String OPAQUE = "trusted.overlay.opaque";

    private final Fd root;
    /** Empty, or ends with a slash. */
    private final String prefix;
    /** The directory used last: members of a tar mostly come directory by directory. */
    private Fd cached;

    private String cachedPath;

    /** @param directory trusted path of an existing directory */
    LayerTree(String directory) throws ErrnoException {
        root = OpenFiles.open(directory, OpenFiles.READ | OpenFiles.DIRECTORY);
        prefix = "";
    }

    /**
     * @param root of a container, which links are followed in
     * @param directory in it, existing and absolute: all paths are from there
     */
    public LayerTree(Fd root, String directory) throws ErrnoException {
        this.root = OpenFiles.openInRoot(root, ".", OpenFiles.PATH | OpenFiles.DIRECTORY);
        this.prefix = directory.equals("/") ? "" : directory.substring(1) + "/";
    }

    /** Good until the next call of this method or {@link #remove}. Missing directories are made, with mode 0755. */
    public Fd directory(String path) throws IOException {
        if (!path.equals(cachedPath)) {
            forget();
            cached = open(path);
            cachedPath = path;
        }
        return cached;
    }

    /** As {@link #directory}, closed by the caller, for a directory that must be there. */
    public Fd existing(String path) throws ErrnoException {
        return OpenFiles.openInRoot(root, prefix + path, OpenFiles.READ | OpenFiles.DIRECTORY);
    }

    /** As {@link #existing}, but the last component must not be a symbolic link. */
    Fd existingItself(String path) throws ErrnoException {
        return OpenFiles.openInRoot(root, prefix + path, OpenFiles.READ | OpenFiles.DIRECTORY | OpenFiles.NO_FOLLOW);
    }

    private Fd open(String path) throws ErrnoException {
        try {
            return existing(path);
        } catch (ErrnoException e) {
            boolean missing = e.errno() == ErrnoException.ENOENT || e.errno() == ErrnoException.ENOTDIR;
            if (!missing || path.isEmpty()) {
                throw e;
            }
        }
        String at = "";
        // One after the other: a path may have two thousand components.
        for (String name : path.split("/")) {
            String next = at.isEmpty() ? name : at + "/" + name;
            if (!isThere(next)) {
                make(at, name);
            }
            at = next;
        }
        return existing(path);
    }

    private boolean isThere(String path) throws ErrnoException {
        try (Fd directory = existing(path)) {
            return directory != null;
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT || e.errno() == ErrnoException.ENOTDIR) {
                return false;
            }
            throw e;
        }
    }

    private void make(String parentPath, String name) throws ErrnoException {
        try (Fd parent = existing(parentPath)) {
            makeDirectory(parent, name);
            try (Fd made = OpenFiles.openAt(parent, name, OpenFiles.READ | OpenFiles.DIRECTORY, 0)) {
                Attributes.chmod(made, 0755);
            }
        }
    }

    /**
     * Makes a directory, and nothing when there is one. A whiteout in its place means that it also hides what lower
     * layers have in it.
     */
    void makeDirectory(Fd parent, String name) throws ErrnoException {
        try {
            Nodes.makeDirectory(parent, name, 0700);
            return;
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.EEXIST) {
                throw e;
            }
        }
        Stat there = Attributes.stat(parent, name);
        if (there.isDirectory()) {
            return;
        }
        if (!there.isWhiteout()) {
            throw new ErrnoException("mkdir", name, ErrnoException.ENOTDIR);
        }
        Nodes.removeFile(parent, name);
        Nodes.makeDirectory(parent, name, 0700);
        makeOpaque(parent, name);
    }

    /** Hides what lower layers have in the directory. */
    void makeOpaque(Fd parent, String name) throws ErrnoException {
        Attributes.setExtended(parent, name, OPAQUE, YES);
    }

    void makeOpaque(Fd directory) throws ErrnoException {
        Attributes.setExtended(directory, OPAQUE, YES);
    }

    /** Removes what an earlier member of the same layer left under this name. */
    public void remove(Fd parent, String name) throws IOException {
        TreeRemoval.remove(parent, name);
        // The name may have been a link on the way to the cached directory; the descriptor stays open for the caller.
        cachedPath = null;
    }

    private void forget() {
        cachedPath = null;
        if (cached != null) {
            cached.close();
            cached = null;
        }
    }

    @Override
    public void close() {
        forget();
        root.close();
    }
}
