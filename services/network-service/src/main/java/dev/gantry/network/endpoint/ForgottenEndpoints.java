package dev.gantry.network.endpoint;

import dev.gantry.engine.container.Containers;
import dev.gantry.engine.container.Containers.ContainerUse;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Endpoints of containers that are gone while the event that tells so is on its way, waits for Kafka, or was lost. Looked
 * for when a port is refused because of another container, and once a minute.
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

    /** Takes back what removed containers still have; true when there were any. */
    public Uni<Boolean> release() {
        return sessions.withSession(session -> session.createSelectionQuery(
                                "from EndpointEntity e where e.connectedAt < :old", EndpointEntity.class)
                        .setParameter("old", Instant.now().minus(YOUNG))
                        .getResultList())
                .chain(endpoints -> release(endpoints));
    }

    private Uni<Boolean> release(List<EndpointEntity> endpoints) {
        Uni<Boolean> any = Uni.createFrom().item(false);
        Set<String> networks =
                endpoints.stream().map(endpoint -> endpoint.networkId).collect(Collectors.toSet());
        for (String network : networks) {
            any = any.chain(before -> containers
                    .usingNetwork(network)
                    .chain(uses -> release(endpoints, network, uses))
                    .map(released -> before || released));
        }
        return any;
    }

    private Uni<Boolean> release(List<EndpointEntity> endpoints, String network, List<ContainerUse> uses) {
        Set<String> existing = uses.stream().map(ContainerUse::id).collect(Collectors.toSet());
        List<EndpointEntity> gone = endpoints.stream()
                .filter(endpoint -> endpoint.networkId.equals(network) && !existing.contains(endpoint.containerId))
                .toList();
        Uni<Void> done = Uni.createFrom().voidItem();
        for (EndpointEntity endpoint : gone) {
            done = done.chain(() -> disconnect.disconnect(endpoint.containerId, endpoint.connectedAt));
        }
        return done.replaceWith(!gone.isEmpty());
    }
}
