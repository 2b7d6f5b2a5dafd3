package dev.gantry.network.query;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Containers;
import dev.gantry.network.state.EndpointEntity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Endpoints are freed by an event after their container has ended; a client that ended it must not see them until then.
 */
@ApplicationScoped
class EndpointsInUse {
    private final Containers containers;

    EndpointsInUse(Containers containers) {
        this.containers = containers;
    }

    /** Those whose containers still use them; with container-service away all. */
    Uni<List<EndpointEntity>> among(List<EndpointEntity> endpoints) {
        if (endpoints.isEmpty()) {
            return Uni.createFrom().item(endpoints);
        }
        return containers
                .standing(endpoints.stream()
                        .map(endpoint -> endpoint.containerId)
                        .distinct()
                        .toList())
                .map(found -> {
                    Set<String> active = found.stream()
                            .filter(Containers.Standing::active)
                            .map(Containers.Standing::id)
                            .collect(Collectors.toSet());
                    return endpoints.stream()
                            .filter(endpoint -> active.contains(endpoint.containerId))
                            .toList();
                })
                .onFailure(EngineError.Unavailable.class)
                .recoverWithItem(endpoints);
    }
}
