package dev.gantry.agent.snapshot;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.linux.ByteStrings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Unpacks the layers that a host does not have yet.
 *
 * <ol>
 *   <li>Check that each chain id is the digest of its stack, so that no layer can pass for another.
 *   <li>Pin all chain ids, so that none is deleted while it is relied upon.
 *   <li>Bottom first, unpack each missing layer into {@code staging} and rename it into place; where another call is at
 *       the same layer, wait for that one.
 *   <li>Put them on the disk, without waiting.
 * </ol>
 *
 * <p>When a phase fails, staging is removed, and so are the layers unpacked before, unless another call relies on them.
 */
final class PrepareLayers {
    /** As many as dockerd stacks. */
    private static final int MAX_LAYERS = 125;

    private final LayerStore store;
    private final LayerUnpacker unpacker;
    private final ConcurrentHashMap<LayerId, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();

    PrepareLayers(LayerStore store, LayerUnpacker unpacker) {
        this.store = store;
        this.unpacker = unpacker;
    }

    /** {@return chain ids, bottom first} */
    static List<LayerId> chainIds(List<ContainerSpec.Layer> layers) {
        if (layers.size() > MAX_LAYERS) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "max depth exceeded");
        }
        List<LayerId> chainIds = new ArrayList<>();
        LayerId parent = null;
        for (ContainerSpec.Layer layer : layers) {
            LayerId chainId = LayerId.chain(parent, LayerId.parse(layer.diffId()));
            if (!chainId.equals(LayerId.parse(layer.chainId()))) {
                throw new AgentFailure(
                        AgentFailure.Code.BAD_REQUEST, "chain id " + layer.chainId() + " should be " + chainId);
            }
            chainIds.add(chainId);
            parent = chainId;
        }
        return chainIds;
    }

    /**
     * @param whilePinned done before another call may delete one of the layers
     * @throws AgentFailure {@code NO_SPACE} when the disk is full
     */
    void run(List<ContainerSpec.Layer> layers, Runnable whilePinned) {
        List<LayerId> chainIds = chainIds(layers);
        store.index().pin(chainIds);
        boolean succeeded = false;
        try {
            List<LayerId> unpacked = new ArrayList<>();
            LayerId parent = null;
            for (int i = 0; i < layers.size(); i++) {
                if (ensure(layers.get(i), chainIds.get(i), parent)) {
                    unpacked.add(chainIds.get(i));
                }
                parent = chainIds.get(i);
            }
            if (!unpacked.isEmpty()) {
                store.syncLater(unpacked);
            }
            whilePinned.run();
            succeeded = true;
        } finally {
            store.index().unpin(chainIds, succeeded);
            if (!succeeded) {
                undo(chainIds);
            }
        }
    }

    private void undo(List<LayerId> chainIds) {
        for (LayerId chainId : chainIds.reversed()) {
            if (store.index().removeUnproven(chainId)) {
                discard(chainId);
            }
        }
    }

    private void discard(LayerId chainId) {
        try {
            store.discardLayer(chainId);
        } catch (IOException e) {
            throw StorageFailure.of("removing snapshot " + chainId, e);
        }
    }

    /** {@return whether this call unpacked it} */
    private boolean ensure(ContainerSpec.Layer layer, LayerId chainId, LayerId parent) {
        if (store.index().contains(chainId)) {
            return false;
        }
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> other = underWay.putIfAbsent(chainId, mine);
        if (other != null) {
            join(other);
            return false;
        }
        try {
            boolean missing = !store.index().contains(chainId);
            if (missing) {
                unpack(layer, chainId, parent);
            }
            mine.complete(null);
            return missing;
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            underWay.remove(chainId, mine);
        }
    }

    private static void join(CompletableFuture<Void> other) {
        try {
            other.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof AgentFailure failure ? failure : e;
        }
    }

    private void unpack(ContainerSpec.Layer layer, LayerId chainId, LayerId parent) {
        Path staged = store.files().newStaging();
        try {
            Path content = SnapshotFiles.makeRoot(SnapshotFiles.content(staged));
            long size = unpacker.unpack(layer, ByteStrings.of(content));
            store.publish(staged, chainId, new LayerRecord(parent, size));
        } catch (IOException e) {
            store.discardStaged(staged);
            throw StorageFailure.of("unpacking layer " + layer.digest(), e);
        } catch (RuntimeException | Error e) {
            store.discardStaged(staged);
            throw e;
        }
    }
}
