package dev.gantry.container.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.Digest;
import dev.gantry.service.fact.CloudEvent;
import dev.gantry.service.fact.FactListener;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/**
 * Gives back the hosts' disk space of deleted images: each layer stack that no image and no container needs any more is
 * deleted on every host, on one that is away when it is back. Whether it is needed is asked of its owners before anything is
 * deleted, and hosts refuse while something stands on a snapshot: an event that comes late or twice, or races with a creation,
 * deletes nothing that is in use.
 */
@ApplicationScoped
class DeleteSnapshots {
    private static final String CHANNEL = "container-service-images";

    private final PendingSnapshots pending;
    private final FactListener facts;

    DeleteSnapshots(PendingSnapshots pending, FactListener facts) {
        this.pending = pending;
        this.facts = facts;
    }

    @Incoming(CHANNEL)
    Uni<Void> receive(ConsumerRecord<String, String> received) {
        return facts.take(CHANNEL, received, fact -> pending.add(chains(fact)));
    }

    /** Top first, so that what stands on others goes before them. */
    private static List<String> chains(CloudEvent fact) {
        List<String> chains = new ArrayList<>();
        JsonNode detail = fact.data().detail();
        if (fact.type().equals("dev.gantry.image.delete") && detail != null) {
            for (JsonNode chain : detail.path("chains")) {
                if (Digest.isValid(chain.asText())) {
                    chains.add(chain.asText());
                }
            }
        }
        return chains;
    }
}
