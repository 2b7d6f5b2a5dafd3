package dev.gantry.agent.snapshot;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Mounts;
import dev.gantry.agent.linux.OpenFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * Stacks layers by overlayfs. A mount's options must fit into one page, so all mounts are made by one thread whose
 * working directory is the snapshots' own and whose paths are relative to it; that also keeps two calls for one
 * container apart. A mount takes a tenth of a millisecond.
 */
final class OverlayMounts implements AutoCloseable {
    private static final int MAX_OPTIONS = 4095;

    private final SnapshotFiles files;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("overlay-mounts").daemon().factory());
    private boolean inDirectory;
    /** How many look into a mount. All that is kept here is the thread's. */
    private final Map<String, Integer> leases = new HashMap<>();
    /** Mounts that end with their last lease. */
    private final Set<String> lent = new HashSet<>();

    OverlayMounts(SnapshotFiles files) {
        this.files = files;
    }

    /**
     * Nothing happens when it is mounted already.
     *
     * @param layers bottom first
     */
    void mount(Path container, List<LayerId> layers) throws IOException {
        String options = options(container, layers);
        String target = target(container);
        run(() -> {
            mount(target, options);
            lent.remove(target);
        });
    }

    /**
     * Mounts layers without a writable one.
     *
     * @param place an empty directory
     */
    void mountImage(Path place, List<LayerId> layers) throws IOException {
        if (layers.isEmpty()) {
            return;
        }
        // Without a writable one, overlayfs wants two.
        String options = checked("index=off,lowerdir=" + lower(layers) + ":empty", layers);
        run(() -> {
            enter();
            Mounts.mount("overlay", ByteStrings.of(place.toAbsolutePath()), "overlay", 0, options);
        });
    }

    /** True when it was not mounted. */
    private boolean mount(String target, String options) throws IOException {
        enter();
        if (isMounted(target)) {
            return false;
        }
        Mounts.mount("overlay", target, "overlay", 0, options);
        return true;
    }

    private void enter() throws IOException {
        if (!inDirectory) {
            Mounts.ownWorkingDirectory(ByteStrings.of(files.root()));
            inDirectory = true;
        }
    }

    /**
     * Mounts for somebody who looks into it: what is mounted stays so until {@link #release}, even when the container ends
     * meanwhile. Two overlays at once on the same upper directory are undefined (kernel, overlayfs documentation).
     */
    void lease(Path container, List<LayerId> layers) throws IOException {
        String options = options(container, layers);
        String target = target(container);
        run(() -> {
            if (mount(target, options)) {
                lent.add(target);
            }
            leases.merge(target, 1, Integer::sum);
        });
    }

    void release(Path container) throws IOException {
        String target = target(container);
        run(() -> {
            if (leases.merge(target, -1, Integer::sum) == 0) {
                leases.remove(target);
                if (lent.remove(target)) {
                    detach(target);
                }
            }
        });
    }

    /** Nothing happens when it is not mounted. */
    void unmount(Path container) throws IOException {
        String target = target(container);
        run(() -> {
            if (leases.containsKey(target)) {
                lent.add(target);
            } else {
                detach(target);
            }
        });
    }

    /** As {@link #unmount}, at once: whoever looks into it has what is left of it. */
    void discard(Path container) throws IOException {
        run(() -> detach(target(container)));
    }

    private static void detach(String target) throws IOException {
        try {
            // More than once, should somebody have mounted on top.
            while (true) {
                Mounts.detach(target);
            }
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.EINVAL && e.errno() != ErrnoException.ENOENT) {
                throw e;
            }
        }
    }

    private static String target(Path container) {
        return ByteStrings.of(SnapshotFiles.merged(container));
    }

    private String options(Path container, List<LayerId> layers) throws IOException {
        Path relative = files.root().relativize(container);
        String lower = layers.isEmpty() ? "empty" : lower(layers);
        return checked(
                "index=off,lowerdir=" + lower + ",upperdir=" + SnapshotFiles.upper(relative) + ",workdir="
                        + SnapshotFiles.work(relative),
                layers);
    }

    private static String lower(List<LayerId> layers) {
        return layers.reversed().stream()
                .map(chainId -> "l/" + SnapshotFiles.linkName(chainId))
                .collect(Collectors.joining(":"));
    }

    private static String checked(String options, List<LayerId> layers) throws IOException {
        if (options.length() > MAX_OPTIONS) {
            throw new IOException("an image of " + layers.size() + " layers cannot be mounted");
        }
        return options;
    }

    private static boolean isMounted(String target) throws ErrnoException {
        try (Fd directory = OpenFiles.open(target, OpenFiles.PATH | OpenFiles.DIRECTORY | OpenFiles.NO_FOLLOW)) {
            return Attributes.stat(directory).mountRoot();
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    private void run(Action action) throws IOException {
        try {
            thread.submit(() -> {
                        action.run();
                        return null;
                    })
                    .get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
