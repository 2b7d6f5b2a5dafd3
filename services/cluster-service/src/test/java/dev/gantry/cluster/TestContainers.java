package dev.gantry.cluster;

import dev.gantry.engine.container.Containers;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Containers as this service sees them: how many each host has. */
@ApplicationScoped
public class TestContainers implements Containers {
    private final Map<String, Long> load = new ConcurrentHashMap<>();

    void run(String hostId, long containers) {
        load.put(hostId, containers);
    }

    @Override
    public Uni<Map<String, Long>> load() {
        return Uni.createFrom().item(Map.copyOf(load));
    }

    @Override
    public Uni<List<ContainerUse>> usingImage(String imageId) {
        return Uni.createFrom().item(List.of());
    }

    @Override
    public Uni<List<ContainerUse>> usingNetwork(String networkId) {
        return Uni.createFrom().item(List.of());
    }

    @Override
    public Uni<Counts> counts() {
        return Uni.createFrom().item(new Counts(0, 0, 0));
    }
}
