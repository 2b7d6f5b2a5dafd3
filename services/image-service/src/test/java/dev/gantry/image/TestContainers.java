package dev.gantry.image;

import dev.gantry.engine.container.Containers;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Containers that a test says there are. */
@ApplicationScoped
public class TestContainers implements Containers {
    private final Map<String, List<ContainerUse>> byImage = new ConcurrentHashMap<>();

    public void use(String imageId, ContainerUse... users) {
        byImage.put(imageId, List.of(users));
    }

    @Override
    public Uni<List<ContainerUse>> usingImage(String imageId) {
        return Uni.createFrom().item(byImage.getOrDefault(imageId, List.of()));
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
