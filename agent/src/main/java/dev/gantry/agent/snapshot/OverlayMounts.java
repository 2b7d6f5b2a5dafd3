package dev.gantry.agent.snapshot;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Mounts;
import dev.gantry.agent.linux.OpenFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

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
        String target = ByteStrings.of(SnapshotFiles.merged(container));
        run(() -> {
            if (!inDirectory) {
                Mounts.ownWorkingDirectory(ByteStrings.of(files.root()));
                inDirectory = true;
            }
            if (!isMounted(target)) {
                Mounts.mount("overlay", target, "overlay", 0, options);
            }
        });
    }

    /** Nothing happens when it is not mounted. */
    void unmount(Path container) throws IOException {
        String target = ByteStrings.of(SnapshotFiles.merged(container));
        run(() -> {
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
        });
    }

    private String options(Path container, List<LayerId> layers) throws IOException {
        StringBuilder lower = new StringBuilder();
        for (LayerId chainId : layers.reversed()) {
            lower.append(lower.isEmpty() ? "" : ":").append("l/").append(SnapshotFiles.linkName(chainId));
        }
        Path relative = files.root().relativize(container);
        String options = "index=off,lowerdir=" + (layers.isEmpty() ? "empty" : lower) + ",upperdir="
                + SnapshotFiles.upper(relative) + ",workdir=" + SnapshotFiles.work(relative);
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
