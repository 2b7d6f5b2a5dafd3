package dev.gantry.container.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.service.fact.CloudEvent;
import dev.gantry.service.fact.FactListener;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Gives back the hosts' disk space of deleted images: each layer stack that no image and no container needs any more is
 * deleted on every host, on one that is away when it is back. Hosts refuse while something stands on a snapshot, so an
 * event that comes late or twice, or races with a creation, deletes nothing that is in use.
 */
@ApplicationScoped
class DeleteSnapshots {
    private static final String CHANNEL = "container-service-images";
    private static final String USED = "select distinct jsonb_array_elements_text(chains) from container.containers";

    private final Mutiny.SessionFactory sessions;
    private final PendingSnapshots pending;
    private final FactListener facts;

    DeleteSnapshots(Mutiny.SessionFactory sessions, PendingSnapshots pending, FactListener facts) {
        this.sessions = sessions;
        this.pending = pending;
        this.facts = facts;
    }

    @Incoming(CHANNEL)
    Uni<Void> receive(ConsumerRecord<String, String> received) {
        return facts.take(CHANNEL, received, fact -> delete(chains(fact)));
    }

    /** Top first, so that what stands on others goes before them. */
    private static List<String> chains(CloudEvent fact) {
        List<String> chains = new ArrayList<>();
        JsonNode detail = fact.data().detail();
        if (fact.type().equals("dev.gantry.image.delete") && detail != null) {
            detail.path("chains").forEach(chain -> chains.add(chain.asText()));
        }
        return chains;
    }

    private Uni<Void> delete(List<String> chains) {
        if (chains.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return sessions.withSession(
                        session -> session.createNativeQuery(USED, String.class).getResultList())
                .chain(used -> {
                    List<String> unused = new ArrayList<>(chains);
                    unused.removeAll(used);
                    return pending.add(unused);
                });
    }
}
