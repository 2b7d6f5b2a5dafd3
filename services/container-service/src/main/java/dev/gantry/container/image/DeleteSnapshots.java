package dev.gantry.container.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.container.host.HostAgents;
import dev.gantry.engine.host.Hosts;
import dev.gantry.service.fact.CloudEvent;
import dev.gantry.service.fact.FactListener;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Gives back the hosts' disk space of deleted images: each layer stack that no image and no container needs any more is
 * deleted on every host. Hosts refuse while something stands on a snapshot, so an event that comes late or twice, or
 * races with a creation, deletes nothing that is in use.
 */
@ApplicationScoped
class DeleteSnapshots {
    private static final String CHANNEL = "container-service-images";
    private static final String USED = "select distinct jsonb_array_elements_text(chains) from container.containers";

    private final Mutiny.SessionFactory sessions;
    private final Hosts hosts;
    private final HostAgents agents;
    private final FactListener facts;

    DeleteSnapshots(Mutiny.SessionFactory sessions, Hosts hosts, HostAgents agents, FactListener facts) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.agents = agents;
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
