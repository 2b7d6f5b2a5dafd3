package dev.gantry.container.report;

import dev.gantry.agent.api.Holdings;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Compares what a host holds with the rows. A container that no row knows is to be deleted there: its row was removed, or
 * its creation undone, while the agent was away; rows that a creation has not finished yet count as known. A container
 * whose specification its host does not hold will never run or report again: it is dead.
 */
@ApplicationScoped
public class CompareHoldings {
    private static final Logger LOG = Logger.getLogger(CompareHoldings.class);

    /** An agent's list may be older than a container that was made meanwhile. */
    private static final Duration SETTLED = Duration.ofSeconds(60);

    private static final String LOST = "update ContainerEntity c set c.observed = 'dead'"
            + " where c.hostId = :host and c.operation is null and c.observed <> 'dead'"
            + " and c.createdAt < :before and c.id not in (:held)";

    private final Mutiny.SessionFactory sessions;

    CompareHoldings(Mutiny.SessionFactory sessions) {
        this.sessions = sessions;
    }

    public Uni<Holdings.Compared> compare(String hostId, Holdings holdings) {
        List<String> held = holdings.containers();
        return sessions.withTransaction(session -> lost(session, hostId, held)
                .chain(() -> knownOn(session, hostId))
                .map(known -> new Holdings.Compared(without(held, Set.copyOf(known)))));
    }

    private static Uni<Void> lost(Mutiny.Session session, String hostId, List<String> held) {
        return session.createMutationQuery(LOST)
                .setParameter("host", hostId)
                .setParameter("held", held.isEmpty() ? List.of("") : held)
                .setParameter("before", Instant.now().minus(SETTLED))
                .executeUpdate()
                .invoke(count -> {
                    if (count > 0) {
                        LOG.warnf("host %s has lost %d containers", hostId, count);
                    }
                })
                .replaceWithVoid();
    }

    private static Uni<List<String>> knownOn(Mutiny.Session session, String hostId) {
        return session.createSelectionQuery("select c.id from ContainerEntity c where c.hostId = :host", String.class)
                .setParameter("host", hostId)
                .getResultList();
    }

    private static List<String> without(List<String> held, Set<String> known) {
        List<String> removed = new ArrayList<>(held);
        removed.removeAll(known);
        return removed;
    }
}
