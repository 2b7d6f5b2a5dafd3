package dev.gantry.network.remove;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.filter.Filters;
import dev.gantry.engine.filter.UntilFilter;
import dev.gantry.engine.network.Network.Pruned;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkFacts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/** {@code POST /networks/prune}: removes the networks that no container is attached to. */
@ApplicationScoped
public class PruneNetworks {
    private static final Logger LOG = Logger.getLogger(PruneNetworks.class);
    private static final Set<String> KNOWN = Set.of("label", "label!", UntilFilter.KEY);

    private final Mutiny.SessionFactory sessions;
    private final RemoveNetwork removal;
    private final NetworkFacts facts;

    PruneNetworks(Mutiny.SessionFactory sessions, RemoveNetwork removal, NetworkFacts facts) {
        this.sessions = sessions;
        this.removal = removal;
        this.facts = facts;
    }

    public Uni<Pruned> prune(String text) {
        Filters filters = Filters.parse(text, KNOWN);
        Instant until = UntilFilter.only(filters);
        return sessions.withSession(session -> session.createSelectionQuery(
                                "from NetworkEntity n where not n.predefined order by n.createdAt", NetworkEntity.class)
                        .getResultList())
                .chain(all -> remove(all.stream()
                        // They are settings of other networks, and nobody is ever on them.
                        .filter(network -> !network.configOnly)
                        .filter(network -> until == null || !network.createdAt.isAfter(until))
                        .filter(network -> filters.labels("label", network.labels))
                        .filter(network -> !filters.has("label!") || !filters.labels("label!", network.labels))
                        .toList()));
    }

    private Uni<Pruned> remove(List<NetworkEntity> networks) {
        List<String> removed = new ArrayList<>();
        Uni<Void> done = networks.isEmpty() ? Uni.createFrom().voidItem() : removal.release();
        for (NetworkEntity network : networks) {
            done = done.chain(() -> removal.removeUnused(network))
                    .invoke(() -> removed.add(network.name))
                    .onFailure(EngineError.class)
                    .recoverWithItem(kept -> {
                        LOG.debugf("network %s is kept: %s", network.name, kept.getMessage());
                        return null;
                    });
        }
        return done.chain(() -> sessions.withTransaction(facts::pruned))
                .map(ignored -> new Pruned(removed.isEmpty() ? null : removed));
    }
}
