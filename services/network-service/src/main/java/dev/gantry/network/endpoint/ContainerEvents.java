package dev.gantry.network.endpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.outbox.CloudEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Takes endpoints back when their container ended or is gone, and follows its name. Events may come twice or late: one
 * about an earlier run of the container is told by its time, and taking back twice does nothing.
 */
@ApplicationScoped
class ContainerEvents {
    private static final Logger LOG = Logger.getLogger(ContainerEvents.class);

    private final Mutiny.SessionFactory sessions;
    private final DisconnectContainer disconnect;
    private final ObjectMapper json;

    ContainerEvents(Mutiny.SessionFactory sessions, DisconnectContainer disconnect, ObjectMapper json) {
        this.sessions = sessions;
        this.disconnect = disconnect;
        this.json = json;
    }

    /** With the database away the event waits. One that cannot be read is passed over, or it would stop all others. */
    @Incoming("network-service-containers")
    Uni<Void> receive(ConsumerRecord<String, String> received) {
        if (received.value() == null) {
            return Uni.createFrom().voidItem();
        }
        CloudEvent event;
        try {
            event = json.readValue(received.value(), CloudEvent.class);
        } catch (JsonProcessingException e) {
            LOG.errorf(
                    "message %s@%d is not an event of ours: %s", received.topic(), received.offset(), e.getMessage());
            return Uni.createFrom().voidItem();
        }
        return Uni.createFrom()
                .deferred(() -> react(event))
                .onFailure()
                .invoke(e -> LOG.warnf("event %s waits: %s", event.id(), e.getMessage()))
                .onFailure()
                .retry()
                .withBackOff(Duration.ofMillis(100), Duration.ofSeconds(2))
                .indefinitely();
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
                                        "update EndpointEntity e set e.containerName = :name where e.containerId = :container")
                                .setParameter("name", name)
                                .setParameter("container", event.subject())
                                .executeUpdate())
                        .replaceWithVoid();
    }
}
