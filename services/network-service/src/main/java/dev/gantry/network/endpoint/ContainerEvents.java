package dev.gantry.network.endpoint;

import dev.gantry.service.fact.CloudEvent;
import dev.gantry.service.fact.FactListener;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Takes endpoints back when their container ended or is gone, and follows its name. Events may come twice or late: one
 * about an earlier run of the container is told by its time, and taking back twice does nothing.
 */
@ApplicationScoped
class ContainerEvents {
    private static final String CHANNEL = "network-service-containers";

    private final Mutiny.SessionFactory sessions;
    private final DisconnectContainer disconnect;
    private final FactListener facts;

    ContainerEvents(Mutiny.SessionFactory sessions, DisconnectContainer disconnect, FactListener facts) {
        this.sessions = sessions;
        this.disconnect = disconnect;
        this.facts = facts;
    }

    @Incoming(CHANNEL)
    Uni<Void> receive(ConsumerRecord<String, String> received) {
        return facts.take(CHANNEL, received, this::react);
    }

    private Uni<Void> react(CloudEvent event) {
        return switch (event.type()) {
            case "dev.gantry.container.die" ->
                isRestarting(event)
                        ? Uni.createFrom().voidItem()
                        : disconnect.disconnect(event.subject(), Instant.parse(event.time()));
            case "dev.gantry.container.rest" -> disconnect.disconnect(event.subject(), Instant.parse(event.time()));
            case "dev.gantry.container.destroy" -> disconnect.disconnect(event.subject());
            case "dev.gantry.container.rename" -> rename(event);
            default -> Uni.createFrom().voidItem();
        };
    }

    private static boolean isRestarting(CloudEvent event) {
        return event.data().detail() != null
                && event.data().detail().path("restarting").asBoolean();
    }

    private Uni<Void> rename(CloudEvent event) {
        String name = event.data().attributes().get("name");
        return name == null
                ? Uni.createFrom().voidItem()
                : sessions.withTransaction(session -> session.createMutationQuery(
                                        "update EndpointEntity e set e.containerName = :name where e.containerId ="
                                                + " :container")
                                .setParameter("name", name)
                                .setParameter("container", event.subject())
                                .executeUpdate())
                        .replaceWithVoid();
    }
}
