package dev.gantry.network.endpoint;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.container.Containers.Standing;
import dev.gantry.network.state.EndpointEntity;
import dev.gantry.network.state.NetworkEntity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Endpoints of containers that ended or are gone while the event that tells so is on its way, waits for Kafka, or was
 * lost. Looked for when a port is refused because of another container, and once a minute.
 */
@ApplicationScoped
public class ForgottenEndpoints {
    /** A container younger than this may not be in everyone's list yet. */
    private static final Duration YOUNG = Duration.ofMillis(200);

    private final Mutiny.SessionFactory sessions;
    private final Containers containers;
    private final DisconnectContainer disconnect;

    ForgottenEndpoints(Mutiny.SessionFactory sessions, Containers containers, DisconnectContainer disconnect) {
        this.sessions = sessions;
        this.containers = containers;
        this.disconnect = disconnect;
    }

    /** Takes back what those containers still have; true when there were any. */
    public Uni<Boolean> release() {
        return sessions.withSession(session -> session.createSelectionQuery(
                                "from EndpointEntity e where e.connectedAt < :old", EndpointEntity.class)
                        .setParameter("old", Instant.now().minus(YOUNG))
                        .getResultList())
                .chain(endpoints -> release(endpoints));
    }

    /**
     * Takes an endpoint back whose container nobody knows.
     *
     * @param container its name or id; fails with {@code NotFound} where there is no such endpoint
     */
    public Uni<Void> release(NetworkEntity network, String container) {
        return sessions.withSession(session -> session.createSelectionQuery(
                                "from EndpointEntity e where e.networkId = :network"
                                        + " and (e.containerName = :container or e.containerId = :container)",
                                EndpointEntity.class)
                        .setParameter("network", network.id)
                        .setParameter("container", container)
                        .getResultList())
                .chain(found -> {
                    if (found.isEmpty()) {
                        throw new EngineError.NotFound("endpoint " + container + " not found");
                    }
                    return release(found).replaceWithVoid();
                });
    }

    private Uni<Boolean> release(List<EndpointEntity> endpoints) {
        List<String> ids = endpoints.stream()
                .map(endpoint -> endpoint.containerId)
                .distinct()
                .toList();
        return ids.isEmpty()
                ? Uni.createFrom().item(false)
                : containers.standing(ids).chain(found -> release(endpoints, found));
    }

    private Uni<Boolean> release(List<EndpointEntity> endpoints, List<Standing> found) {
        Set<String> active =
                found.stream().filter(Standing::active).map(Standing::id).collect(Collectors.toSet());
        List<EndpointEntity> left = endpoints.stream()
                .filter(endpoint -> !active.contains(endpoint.containerId))
                .toList();
        Uni<Void> done = Uni.createFrom().voidItem();
        for (EndpointEntity endpoint : left) {
            done = done.chain(() -> disconnect.disconnect(endpoint.containerId, endpoint.connectedAt));
        }
        return done.replaceWith(!left.isEmpty());
    }
}
