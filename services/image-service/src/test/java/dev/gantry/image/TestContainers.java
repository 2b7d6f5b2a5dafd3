package dev.gantry.image;

import dev.gantry.engine.testing.NoContainers;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Containers that a test says there are. */
@ApplicationScoped
public class TestContainers extends NoContainers {
    private final Map<String, List<ContainerUse>> byImage = new ConcurrentHashMap<>();

    public void use(String imageId, ContainerUse... users) {
        byImage.put(imageId, List.of(users));
    }

    @Override
    public Uni<List<ContainerUse>> usingImage(String imageId) {
        return Uni.createFrom().item(byImage.getOrDefault(imageId, List.of()));
    }
}
