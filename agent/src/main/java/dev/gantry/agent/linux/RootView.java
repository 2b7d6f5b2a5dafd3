package dev.gantry.agent.linux;

import java.io.IOException;
import java.util.List;

/**
 * A container's files in a mount namespace that nobody is in: {@link #root} is its root, and everything is reached by
 * {@link OpenFiles#openInRoot} from there, on any thread. Nothing that is mounted in it reaches the host or the container,
 * and all of it goes when this is closed, or with the process.
 */
public final class RootView implements AutoCloseable {
    private static final String NAMESPACES = "/proc/thread-self/ns/mnt";
    /** More than anybody mounts on one place; whoever does sees the rest. */
    private static final int MOST_LAYERS = 16;

    /** Of what is made to be mounted on, as runc and dockerd do. */
    private static final int TARGET_MODE = 0755;

    private static volatile boolean rehearsed;

    private final Fd namespace;
    private final Fd root;

    private RootView(Fd namespace, Fd root) {
        this.namespace = namespace;
        this.root = root;
    }

    /**
     * What is to be mounted in a tree: a directory or file of the host.
     *
     * @param part of the source, which containers may have made what they like of; null for all of it
     * @param target below the tree's root; what is missing is made
     */
    public record Binding(String source, String part, String target, boolean readOnly) {
        private Fd open() throws ErrnoException {
            if (part == null) {
                return OpenFiles.open(source, OpenFiles.PATH);
            }
            try (Fd top = OpenFiles.open(source, OpenFiles.PATH | OpenFiles.DIRECTORY)) {
                return OpenFiles.openBeneath(top, part, OpenFiles.PATH);
            }
        }
    }

    /** Open for {@link OpenFiles#PATH}. */
    public Fd root() {
        return root;
    }

    /**
     * The mounts of a running process, as they are now.
     *
     * @param processMounts the process' {@code /proc/<pid>/ns/mnt}
     * @param hidden absolute paths of what is not to be seen, where something is mounted there
     */
    public static RootView of(Fd processMounts, List<String> hidden) throws IOException {
        return Namespaces.onThreadOfItsOwn(() -> {
            try (Fd host = OpenFiles.open(NAMESPACES, OpenFiles.READ);
                    Fd hostRoot = OpenFiles.open("/", OpenFiles.PATH | OpenFiles.DIRECTORY)) {
                Namespaces.unshare(Namespaces.CLONE_FS);
                try {
                    rehearse(host, hostRoot);
                    return hide(copyOf(processMounts, hostRoot), hidden);
                } finally {
                    // See MountViews: before anything that could start another thread.
                    Namespaces.enter(host.number(), Namespaces.CLONE_NEWNS);
                }
            }
        });
    }

    /**
     * Whose root is the container's finds its files there, those of classes too. So the steps in between are gone through
     * in the host's own namespace first, a failure as well: then nothing of them is left to be loaded.
     */
    private static void rehearse(Fd host, Fd hostRoot) throws IOException {
        if (rehearsed) {
            return;
        }
        copyOf(host, hostRoot).close();
        try (Fd root = OpenFiles.open("", OpenFiles.PATH)) {
            throw new IllegalStateException("opened nothing: " + root);
        } catch (ErrnoException e) {
            rehearsed = true;
        }
    }

    /** The calling thread is in a copy of the namespace afterwards, with the host's root. */
    private static RootView copyOf(Fd mounts, Fd hostRoot) throws IOException {
        Fd root;
        try {
            Namespaces.enter(mounts.number(), Namespaces.CLONE_NEWNS);
            Namespaces.unshare(Namespaces.CLONE_NEWNS);
            root = OpenFiles.open("/", OpenFiles.PATH | OpenFiles.DIRECTORY);
        } finally {
            Mounts.changeRoot(hostRoot);
        }
        return take(root);
    }

    private static RootView take(Fd root) throws IOException {
        try {
            return new RootView(OpenFiles.open(NAMESPACES, OpenFiles.READ), root);
        } catch (IOException e) {
            root.close();
            throw e;
        }
    }

    private static RootView hide(RootView view, List<String> hidden) throws IOException {
        try {
            // First of all: what is unmounted here shall not be so in the container.
            Mounts.mount("", view.root.path(), "", Mounts.RECURSIVE | Mounts.PRIVATE, "");
            for (String path : hidden) {
                for (int i = 0; i < MOST_LAYERS && hide(view.root, path); i++) {}
            }
            return view;
        } catch (IOException e) {
            view.close();
            throw e;
        }
    }

    private static boolean hide(Fd root, String path) throws ErrnoException {
        try (Fd mounted = OpenFiles.openDirectly(root, path, OpenFiles.PATH | OpenFiles.DIRECTORY)) {
            boolean mount = Attributes.stat(mounted).mountRoot();
            if (mount) {
                Mounts.detach(mounted);
            }
            return mount;
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT
                    || e.errno() == ErrnoException.ENOTDIR
                    || e.errno() == ErrnoException.ELOOP) {
                return false;
            }
            throw e;
        }
    }

    /**
     * A tree of the host with more mounted in it.
     *
     * @param tree trusted path of a mount
     * @param bindings parents first; what links of the tree say is followed inside it
     */
    public static RootView of(String tree, List<Binding> bindings, boolean readOnly) throws IOException {
        return Namespaces.onThreadOfItsOwn(() -> {
            try (Fd host = OpenFiles.open(NAMESPACES, OpenFiles.READ);
                    Fd hostRoot = OpenFiles.open("/", OpenFiles.PATH | OpenFiles.DIRECTORY)) {
                Namespaces.unshare(Namespaces.CLONE_FS | Namespaces.CLONE_NEWNS);
                try {
                    Mounts.mount("", "/", "", Mounts.RECURSIVE | Mounts.PRIVATE, "");
                    return take(mounted(tree, bindings, readOnly, hostRoot));
                } finally {
                    Namespaces.enter(host.number(), Namespaces.CLONE_NEWNS);
                }
            }
        });
    }

    private static Fd mounted(String tree, List<Binding> bindings, boolean readOnly, Fd hostRoot) throws IOException {
        Fd root = OpenFiles.open(tree, OpenFiles.PATH | OpenFiles.DIRECTORY);
        try {
            for (Binding binding : bindings) {
                bind(root, binding);
            }
            if (readOnly) {
                Mounts.mount("", root.path(), "", Mounts.BIND | Mounts.REMOUNT | Mounts.READ_ONLY, "");
            }
            try {
                // So that nothing else of the host stays mounted for as long as this takes.
                Mounts.keepOnly(root);
            } catch (ErrnoException e) {
                // The host runs from its initial ramfs, which pivot_root(2) cannot take away.
                if (e.errno() != ErrnoException.EINVAL) {
                    throw e;
                }
            } finally {
                Mounts.changeRoot(hostRoot);
            }
            return root;
        } catch (IOException e) {
            root.close();
            throw e;
        }
    }

    private static void bind(Fd root, Binding binding) throws IOException {
        makeTarget(root, binding);
        try (Fd source = binding.open();
                Fd target = OpenFiles.openInRoot(root, binding.target(), OpenFiles.PATH)) {
            Mounts.mount(source.path(), target.path(), "", Mounts.BIND | Mounts.RECURSIVE, "");
        }
        if (binding.readOnly()) {
            try (Fd mounted = OpenFiles.openInRoot(root, binding.target(), OpenFiles.PATH)) {
                Mounts.mount("", mounted.path(), "", Mounts.BIND | Mounts.REMOUNT | Mounts.READ_ONLY, "");
            }
        }
    }

    /** As an OCI runtime would: the image needs not have it, and the container has not as long as it has not run. */
    private static void makeTarget(Fd root, Binding binding) throws IOException {
        String parent = "/";
        String[] names = binding.target().substring(1).split("/");
        for (int i = 0; i < names.length; i++) {
            String path = parent + names[i];
            if (!isThere(root, path)) {
                try (Fd in = OpenFiles.openInRoot(root, parent, OpenFiles.PATH | OpenFiles.DIRECTORY)) {
                    make(in, names[i], i < names.length - 1 || isDirectory(binding));
                }
            }
            parent = path + "/";
        }
    }

    private static void make(Fd parent, String name, boolean directory) throws IOException {
        if (directory) {
            Nodes.makeDirectory(parent, name, TARGET_MODE);
            Attributes.chmod(parent, name, TARGET_MODE);
        } else {
            int flags = OpenFiles.WRITE | OpenFiles.CREATE | OpenFiles.EXCLUSIVE;
            try (Fd file = OpenFiles.openAt(parent, name, flags, TARGET_MODE)) {
                Attributes.chmod(file, TARGET_MODE);
            }
        }
    }

    private static boolean isThere(Fd root, String path) throws IOException {
        try (Fd file = OpenFiles.openInRoot(root, path, OpenFiles.PATH)) {
            return file != null;
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    private static boolean isDirectory(Binding binding) throws IOException {
        try (Fd file = binding.open()) {
            return Attributes.stat(file).isDirectory();
        }
    }

    /** Where an open file of the view is, from its root. */
    public String pathOf(Fd file) throws ErrnoException {
        String base = Nodes.pathOf(root);
        String path = Nodes.pathOf(file);
        return base.equals("/") || !path.startsWith(base)
                ? path
                : path.equals(base) ? "/" : path.substring(base.length());
    }

    @Override
    public void close() {
        root.close();
        namespace.close();
    }
}
