package dev.gantry.container.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.host.HostRegistry;
import dev.gantry.engine.container.Hosts;
import dev.gantry.engine.outbox.CloudEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Gives back the hosts' disk space of deleted images: each layer stack that no image and no container needs any more is
 * deleted on every host. Hosts refuse while something stands on a snapshot, so an event that comes late or twice, or
 * races with a creation, deletes nothing that is in use.
 */
@ApplicationScoped
class DeleteSnapshots {
    private static final Logger LOG = Logger.getLogger(DeleteSnapshots.class);
    private static final String USED = "select distinct jsonb_array_elements_text(chains) from container.containers";

    private final Mutiny.SessionFactory sessions;
    private final HostRegistry hosts;
    private final HostAgents agents;
    private final ObjectMapper json;

    DeleteSnapshots(Mutiny.SessionFactory sessions, HostRegistry hosts, HostAgents agents, ObjectMapper json) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.agents = agents;
        this.json = json;
    }

    @Incoming("container-service-images")
    Uni<Void> receive(ConsumerRecord<String, String> received) {
        List<String> chains = chains(received);
        if (chains.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return Uni.createFrom()
                .deferred(() -> delete(chains))
                .onFailure()
                .invoke(e -> LOG.warnf("deleting snapshots waits: %s", e.getMessage()))
                .onFailure()
                .retry()
                .withBackOff(Duration.ofMillis(100), Duration.ofSeconds(5))
                .atMost(20);
    }

    /** Top first, so that what stands on others goes before them. */
    private List<String> chains(ConsumerRecord<String, String> received) {
        List<String> chains = new ArrayList<>();
        try {
            if (received.value() != null) {
                CloudEvent event = json.readValue(received.value(), CloudEvent.class);
                JsonNode detail = event.data().detail();
                if (event.type().equals("dev.gantry.image.delete") && detail != null) {
                    detail.path("chains").forEach(chain -> chains.add(chain.asText()));
                }
            }
        } catch (JsonProcessingException e) {
            LOG.errorf("message %s@%d is not an event of ours", received.topic(), received.offset());
        }
        return chains;
    }

    private Uni<Void> delete(List<String> chains) {
        return sessions.withSession(
                        session -> session.createNativeQuery(USED, String.class).getResultList())
                .chain(used -> {
                    List<String> unused = new ArrayList<>(chains);
                    unused.removeAll(used);
                    return hosts.list().chain(all -> Multi.createFrom()
                            .iterable(all)
                            .filter(Hosts.Host::reachable)
                            .onItem()
                            .transformToUniAndConcatenate(host -> deleteOn(host.id(), unused))
                            .collect()
                            .last());
                })
                .replaceWithVoid();
    }

    private Uni<Void> deleteOn(String host, List<String> chains) {
        Uni<Void> all = Uni.createFrom().voidItem();
        for (String chain : chains) {
            all = all.chain(() -> agents.deleteSnapshot(host, chain));
        }
        return all;
    }
}
