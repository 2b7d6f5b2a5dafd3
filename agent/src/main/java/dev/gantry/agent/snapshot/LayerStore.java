package dev.gantry.agent.snapshot;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/** Snapshots on the disk, and the index of them. Entries appear and vanish by renames from and to {@code staging}. */
final class LayerStore implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LayerStore.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final SnapshotFiles files;
    private final LayerIndex index = new LayerIndex();
    private final String bootId;
    private final ExecutorService removals = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("snapshot-removal").daemon().factory());

    LayerStore(Path root) throws IOException {
        this.files = new SnapshotFiles(root);
        this.bootId = Files.readString(BOOT_ID).strip();
        files.makeDirectories();
    }

    SnapshotFiles files() {
        return files;
    }

    LayerIndex index() {
        return index;
    }

    /** Removes what a crash left half made, and reads the rest into the index. */
    void recover() throws IOException {
        for (Path leftover : list(files.staging())) {
            discardLater(leftover);
        }
        for (Path container : list(files.containers())) {
            index.addContainer(container.getFileName().toString(), readLayers(container));
        }
        for (Path entry : list(files.root())) {
            String name = entry.getFileName().toString();
            if (name.length() == 64) {
                recoverLayer(LayerId.parse("sha256:" + name), entry);
            }
        }
        for (Path link : list(files.links())) {
            if (!Files.exists(link)) {
                Files.delete(link);
            }
        }
    }

    private void recoverLayer(LayerId chainId, Path layer) throws IOException {
        try {
            Path unsynced = SnapshotFiles.unsynced(layer);
            if (Files.exists(unsynced)) {
                if (!Files.readString(unsynced).strip().equals(bootId)) {
                    throw new IOException("the machine went down before it was on the disk");
                }
                syncLater(List.of(chainId));
            }
            LayerRecord layerRecord = LayerRecord.read(SnapshotFiles.record(layer));
            makeLink(chainId);
            index.restore(chainId, layerRecord);
        } catch (IOException e) {
            LOG.warnf("Dropping snapshot %s, it is fetched again when needed: %s", chainId, e.getMessage());
            discard(layer);
        }
    }

    private static List<LayerId> readLayers(Path container) {
        try {
            return Files.readAllLines(SnapshotFiles.layers(container)).stream()
                    .map(LayerId::parse)
                    .toList();
        } catch (IOException | RuntimeException e) {
            LOG.warnf("Container %s has no list of layers: %s", container.getFileName(), e.getMessage());
            return List.of();
        }
    }

    /** Moves a finished staging directory to where the layer belongs. */
    void publish(Path staged, LayerId chainId, LayerRecord layerRecord) throws IOException {
        layerRecord.write(SnapshotFiles.record(staged));
        Files.writeString(SnapshotFiles.unsynced(staged), bootId);
        makeLink(chainId);
        Files.move(staged, files.layer(chainId), StandardCopyOption.ATOMIC_MOVE);
        index.add(chainId, layerRecord);
    }

    private void makeLink(LayerId chainId) throws IOException {
        Path link = files.link(chainId);
        Path target = Path.of("..", chainId.hex(), "fs");
        if (!Files.exists(link, NOFOLLOW_LINKS)) {
            Files.createSymbolicLink(link, target);
        } else if (!Files.readSymbolicLink(link).equals(target)) {
            throw new IOException("two layers share the short name " + link.getFileName());
        }
    }

    /**
     * Puts layers on the disk without anybody waiting. If the machine goes down before, they are dropped at the next
     * start and fetched again.
     */
    void syncLater(List<LayerId> chainIds) {
        Thread.ofPlatform().name("layer-sync").daemon().start(() -> {
            try (Fd root = OpenFiles.open(ByteStrings.of(files.root()), OpenFiles.READ | OpenFiles.DIRECTORY)) {
                OpenFiles.syncFilesystem(root);
                for (LayerId chainId : chainIds) {
                    Files.deleteIfExists(SnapshotFiles.unsynced(files.layer(chainId)));
                }
            } catch (IOException e) {
                LOG.warnf("Layers are not known to be on the disk: %s", e.getMessage());
            }
        });
    }

    /** Takes a layer that is out of the index off the disk. */
    void discardLayer(LayerId chainId) throws IOException {
        Files.deleteIfExists(files.link(chainId));
        discard(files.layer(chainId));
    }

    /**
     * Takes a tree away at once, and gives its disk space back in the background: that can take seconds where the
     * filesystem tells the disk of every freed block.
     */
    void discard(Path tree) throws IOException {
        Path staged = files.newStaging();
        try {
            Files.move(tree, staged, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return;
        }
        discardLater(staged);
    }

    private void discardLater(Path staged) {
        removals.execute(() -> discardStaged(staged));
    }

    /** What cannot be removed stays in {@code staging} until the next start. */
    void discardStaged(Path staged) {
        try (Fd staging = OpenFiles.open(ByteStrings.of(files.staging()), OpenFiles.READ | OpenFiles.DIRECTORY)) {
            TreeRemoval.remove(staging, ByteStrings.of(staged.getFileName()));
        } catch (IOException e) {
            LOG.warnf("%s remains until the next start: %s", staged, e.getMessage());
        }
    }

    /** Waits until the space of everything discarded so far is given back. */
    void awaitRemovals() {
        CompletableFuture.runAsync(() -> {}, removals).join();
    }

    /** Removals that are still to do go on; the next start does what a dying process leaves. */
    @Override
    public void close() {
        removals.shutdown();
    }

    private static List<Path> list(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (var stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        }
        return entries;
    }
}
