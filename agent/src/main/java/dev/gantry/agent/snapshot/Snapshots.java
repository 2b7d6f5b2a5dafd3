package dev.gantry.agent.snapshot;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.Digest;
import dev.gantry.agent.linux.ByteStrings;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Root filesystems of this host's containers. Blocking; every method may be repeated and called from several threads.
 * Failures are {@link AgentFailure}.
 */
@ApplicationScoped
public class Snapshots {
    private static final Logger LOG = Logger.getLogger(Snapshots.class);

    /** In the name of what a container has of another image than its own. */
    private static final String IMAGE = ".image.";

    private final LayerStore store;
    private final SnapshotFiles files;
    private final LayerIndex index;
    private final LayerUnpacker unpacker;
    private final PrepareLayers prepareLayers;
    private final OverlayMounts mounts;
    private final Map<String, CompletableFuture<Long>> counting = new ConcurrentHashMap<>();

    @Inject
    Snapshots(
            @ConfigProperty(name = "gantry.data-dir", defaultValue = "/var/lib/gantry") Path data, HttpLayerBlobs blobs)
            throws IOException {
        this(data.resolve("agent").resolve("snapshots"), (LayerBlobs) blobs);
    }

    /** @param root directory of its own; made when missing, cleaned of what a crash left */
    Snapshots(Path root, LayerBlobs blobs) throws IOException {
        store = new LayerStore(root.toAbsolutePath());
        files = store.files();
        index = store.index();
        unpacker = new LayerUnpacker(blobs);
        prepareLayers = new PrepareLayers(store, unpacker);
        mounts = new OverlayMounts(files);
        store.recover();
    }

    /**
     * Fetches and unpacks the layers that are missing.
     *
     * @param layers bottom first
     * @throws AgentFailure {@code NO_SPACE} when the disk is full; nothing of this call remains
     */
    public void prepare(List<ContainerSpec.Layer> layers) {
        prepareLayers.run(layers, () -> {});
    }

    /**
     * Makes a container's writable layer, after preparing the layers below.
     *
     * @return the root filesystem's path; nothing is mounted there yet
     */
    public Path create(String containerId, List<ContainerSpec.Layer> layers) {
        Path container = files.container(containerId);
        prepareLayers.run(layers, () -> makeContainer(containerId, container, PrepareLayers.chainIds(layers)));
        return SnapshotFiles.merged(container);
    }

    private void makeContainer(String id, Path container, List<LayerId> chainIds) {
        Optional<List<LayerId>> present = index.container(id);
        if (present.isPresent() && Files.exists(SnapshotFiles.layers(container))) {
            if (!present.get().equals(chainIds)) {
                throw new AgentFailure(AgentFailure.Code.CONFLICT, "container " + id + " has other layers");
            }
            return;
        }
        Path staged = files.newStaging();
        try {
            SnapshotFiles.makeRoot(SnapshotFiles.upper(staged));
            Files.createDirectory(SnapshotFiles.work(staged));
            Files.createDirectory(SnapshotFiles.merged(staged));
            Files.write(
                    SnapshotFiles.layers(staged),
                    chainIds.stream().map(LayerId::toString).toList());
            Files.move(staged, container, StandardCopyOption.ATOMIC_MOVE);
            index.addContainer(id, chainIds);
        } catch (IOException e) {
            store.discardStaged(staged);
            throw StorageFailure.of("making the writable layer of container " + id, e);
        }
    }

    /**
     * Mounts a container's root filesystem, unless it is mounted; what is missing is made first, but what the container
     * wrote before is there.
     *
     * @return where it is mounted
     */
    public Path mount(String containerId, List<ContainerSpec.Layer> layers) {
        Path rootfs = create(containerId, layers);
        try {
            mounts.mount(files.container(containerId), PrepareLayers.chainIds(layers));
            InitialFiles.create(rootfs);
            return rootfs;
        } catch (IOException e) {
            throw StorageFailure.of("mounting container " + containerId, e);
        }
    }

    /** A root filesystem that stays mounted until this is closed. */
    public final class Lease implements AutoCloseable {
        private final Path container;
        private final List<LayerId> chainIds;

        private Lease(Path container, List<LayerId> chainIds) {
            this.container = container;
            this.chainIds = chainIds;
        }

        /** Where it is mounted. */
        public Path rootfs() {
            return SnapshotFiles.merged(container);
        }

        /** What it is mounted of. */
        public LayerStack layers() throws IOException {
            List<Path> lower = chainIds.reversed().stream()
                    .map(id -> SnapshotFiles.content(files.layer(id)))
                    .toList();
            return LayerStack.open(SnapshotFiles.upper(container), lower);
        }

        @Override
        public void close() {
            try {
                mounts.release(container);
            } catch (IOException e) {
                LOG.warnf("%s stays mounted until the agent's next start: %s", container, e.getMessage());
            }
        }
    }

    /** As {@link #mount}, for whoever looks into it, whether the container runs or not, and whatever becomes of it. */
    public Lease lease(String containerId, List<ContainerSpec.Layer> layers) {
        create(containerId, layers);
        Lease lease = new Lease(files.container(containerId), PrepareLayers.chainIds(layers));
        try {
            mounts.lease(lease.container, lease.chainIds);
        } catch (IOException e) {
            throw StorageFailure.of("mounting container " + containerId, e);
        }
        try {
            InitialFiles.create(lease.rootfs());
            return lease;
        } catch (IOException e) {
            lease.close();
            throw StorageFailure.of("mounting container " + containerId, e);
        }
    }

    /**
     * Keeps the layers of an image that a container has mounted, after preparing them, for as long as the container is there.
     *
     * @param target where the container has it
     */
    public void holdImage(String containerId, String target, List<ContainerSpec.Layer> layers) {
        create(imageId(containerId, target), layers);
    }

    /** Mounts such an image at a directory of the caller's, read-only; what is missing is made first. */
    public void mountImage(String containerId, String target, List<ContainerSpec.Layer> layers, Path place) {
        holdImage(containerId, target, layers);
        try {
            mounts.mountImage(place, PrepareLayers.chainIds(layers));
        } catch (IOException e) {
            throw StorageFailure.of("mounting an image in container " + containerId, e);
        }
    }

    private static String imageId(String containerId, String target) {
        byte[] digest = target.getBytes(StandardCharsets.UTF_8);
        return containerId + IMAGE + Digest.hex(Digest.of(digest)).substring(0, 32);
    }

    /** What a running process still uses stays with it; the path is empty at once, unless there is a {@link Lease}. */
    public void unmount(String containerId) {
        try {
            mounts.unmount(files.container(containerId));
        } catch (IOException e) {
            throw StorageFailure.of("unmounting container " + containerId, e);
        }
    }

    /** Unmounts, takes away all that the container wrote, and gives its space back soon after. */
    public void remove(String containerId) {
        discard(containerId);
        index.containers().stream()
                .filter(id -> id.startsWith(containerId + IMAGE))
                .forEach(this::discard);
    }

    private void discard(String containerId) {
        try {
            mounts.discard(files.container(containerId));
            store.discard(files.container(containerId));
        } catch (IOException e) {
            throw StorageFailure.of("removing container " + containerId, e);
        }
        index.removeContainer(containerId);
    }

    /** Counted anew each time, but once for all who ask meanwhile. */
    public ContainerOperations.Size size(String containerId, List<ContainerSpec.Layer> layers) {
        Path container = files.container(containerId);
        CompletableFuture<Long> mine = new CompletableFuture<>();
        CompletableFuture<Long> other = counting.putIfAbsent(containerId, mine);
        if (other == null) {
            try {
                Path upper = SnapshotFiles.upper(container);
                mine.complete(DiskUsage.of(ByteStrings.of(upper)) - InitialFiles.bytes(upper));
            } catch (IOException e) {
                mine.completeExceptionally(StorageFailure.of("counting container " + containerId, e));
            } finally {
                counting.remove(containerId, mine);
            }
        }
        long written = join(other == null ? mine : other);
        return new ContainerOperations.Size(written, written + index.size(PrepareLayers.chainIds(layers)));
    }

    private static long join(CompletableFuture<Long> count) {
        try {
            return count.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof AgentFailure failure ? failure : e;
        }
    }

    /**
     * Takes one layer away and gives its space back soon after; nothing happens when there is none.
     *
     * @throws AgentFailure {@code CONFLICT} while a layer or a container stands on it
     */
    public void delete(String chainId) {
        LayerId digest = LayerId.parse(chainId);
        index.remove(digest).ifPresent(reason -> {
            throw new AgentFailure(AgentFailure.Code.CONFLICT, "snapshot " + chainId + " " + reason);
        });
        try {
            store.discardLayer(digest);
        } catch (IOException e) {
            throw StorageFailure.of("removing snapshot " + chainId, e);
        }
    }

    /**
     * At the agent's start: removes the writable layers of containers that do not exist, which a crash during a create
     * or a remove leaves behind.
     */
    public void reconcile(Set<String> existing) {
        for (String id : index.containers()) {
            if (!existing.contains(id.split(Pattern.quote(IMAGE), 2)[0])) {
                LOG.infof("Removing the writable layer of container %s, which does not exist", id);
                discard(id);
            }
        }
    }

    /** For tests: waits until the space of all that was removed is given back. */
    void awaitRemovals() {
        store.awaitRemovals();
    }

    @PreDestroy
    void close() {
        store.close();
        unpacker.close();
        mounts.close();
    }
}
