package dev.gantry.network.endpoint;

import dev.gantry.engine.container.Containers;
import dev.gantry.service.fact.CloudEvent;
import dev.gantry.service.fact.FactListener;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Takes endpoints back when their container ended or is gone, and follows its name. An event is only the reason to ask:
 * container-service says what holds, so that one which is forged, comes late or twice does no harm.
 */
@ApplicationScoped
class ContainerEvents {
    private static final String CHANNEL = "network-service-containers";

    private final Mutiny.SessionFactory sessions;
    private final Containers containers;
    private final DisconnectContainer disconnect;
    private final FactListener facts;

    ContainerEvents(
            Mutiny.SessionFactory sessions, Containers containers, DisconnectContainer disconnect, FactListener facts) {
        this.sessions = sessions;
        this.containers = containers;
        this.disconnect = disconnect;
        this.facts = facts;
    }

    @Incoming(CHANNEL)
    Uni<Void> receive(ConsumerRecord<String, String> received) {
        return facts.take(CHANNEL, received, this::react);
    }

    private Uni<Void> react(CloudEvent event) {
        if (event.type() == null || event.subject() == null) {
            return Uni.createFrom().voidItem();
        }
        return switch (event.type()) {
            case "dev.gantry.container.die",
                    "dev.gantry.container.rest",
                    "dev.gantry.container.destroy",
                    "dev.gantry.container.rename" -> follow(event.subject());
            default -> Uni.createFrom().voidItem();
        };
    }

    private Uni<Void> follow(String containerId) {
        Instant asked = Instant.now();
        return containers
                .standing(List.of(containerId))
                .chain(found -> found.isEmpty() || !found.getFirst().active()
                        // A start that begins now connects later than this.
                        ? disconnect.disconnect(containerId, asked)
                        : rename(found.getFirst()));
    }

    private Uni<Void> rename(Containers.Standing container) {
        return sessions.withTransaction(
                        session -> session.createMutationQuery("update EndpointEntity e set e.containerName = :name"
                                        + " where e.containerId = :container and e.containerName <> :name")
                                .setParameter("name", container.name())
                                .setParameter("container", container.id())
                                .executeUpdate())
                .replaceWithVoid();
    }
}
