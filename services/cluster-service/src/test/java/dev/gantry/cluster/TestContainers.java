package dev.gantry.cluster;

import dev.gantry.engine.testing.NoContainers;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Containers as this service sees them: how many each host has. */
@ApplicationScoped
public class TestContainers extends NoContainers {
    private final Map<String, Long> load = new ConcurrentHashMap<>();

    void run(String hostId, long containers) {
        load.put(hostId, containers);
    }

    @Override
    public Uni<Map<String, Long>> load() {
        return Uni.createFrom().item(Map.copyOf(load));
    }
}
