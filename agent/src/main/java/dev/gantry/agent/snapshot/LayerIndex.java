package dev.gantry.agent.snapshot;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which layers there are and what stands on each: layers above, containers, and preparations under way. Kept in memory,
 * read from the disk at start.
 */
final class LayerIndex {
    private final Map<LayerId, LayerRecord> layers = new HashMap<>();
    private final Map<String, List<LayerId>> containers = new HashMap<>();
    private final Map<LayerId, Integer> pins = new HashMap<>();
    /** Layers that no preparation has succeeded with yet. */
    private final Set<LayerId> unproven = new HashSet<>();

    synchronized boolean contains(LayerId chainId) {
        return layers.containsKey(chainId);
    }

    synchronized Set<LayerId> all() {
        return Set.copyOf(layers.keySet());
    }

    /** Bytes of all these layers; those that are missing count nothing. */
    synchronized long size(List<LayerId> chainIds) {
        return chainIds.stream()
                .map(layers::get)
                .filter(layer -> layer != null)
                .mapToLong(LayerRecord::size)
                .sum();
    }

    synchronized void restore(LayerId chainId, LayerRecord layer) {
        layers.put(chainId, layer);
    }

    synchronized void add(LayerId chainId, LayerRecord layer) {
        layers.put(chainId, layer);
        unproven.add(chainId);
    }

    synchronized void addContainer(String id, List<LayerId> chainIds) {
        containers.put(id, chainIds);
    }

    synchronized Optional<List<LayerId>> container(String id) {
        return Optional.ofNullable(containers.get(id));
    }

    synchronized Set<String> containers() {
        return Set.copyOf(containers.keySet());
    }

    synchronized void removeContainer(String id) {
        containers.remove(id);
    }

    /** Keeps layers, present or not yet, from being deleted until {@link #unpin}. */
    synchronized void pin(List<LayerId> chainIds) {
        chainIds.forEach(chainId -> pins.merge(chainId, 1, Integer::sum));
    }

    synchronized void unpin(List<LayerId> chainIds, boolean succeeded) {
        chainIds.forEach(chainId -> pins.computeIfPresent(chainId, (id, count) -> count == 1 ? null : count - 1));
        if (succeeded) {
            chainIds.forEach(unproven::remove);
        }
    }

    /** {@return why the layer cannot go; empty when it is out of the index now, or never was in it} */
    synchronized Optional<String> remove(LayerId chainId) {
        if (pins.containsKey(chainId)) {
            return Optional.of("is being prepared");
        }
        for (Map.Entry<String, List<LayerId>> container : containers.entrySet()) {
            if (container.getValue().contains(chainId)) {
                return Optional.of("is used by container " + container.getKey());
            }
        }
        for (Map.Entry<LayerId, LayerRecord> layer : layers.entrySet()) {
            if (chainId.equals(layer.getValue().parent())) {
                return Optional.of("is below layer " + layer.getKey());
            }
        }
        layers.remove(chainId);
        unproven.remove(chainId);
        return Optional.empty();
    }

    /** {@return whether the layer came from a preparation that failed and nothing stands on it, in which case it is out now} */
    synchronized boolean removeUnproven(LayerId chainId) {
        return unproven.contains(chainId) && remove(chainId).isEmpty();
    }
}
