package dev.gantry.container.remove;

import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerResults;
import dev.gantry.engine.filter.Filters;
import dev.gantry.engine.filter.UntilFilter;
import dev.gantry.service.fact.Fact;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.hibernate.reactive.mutiny.Mutiny;

/** {@code POST /containers/prune}: removes every container that does not run. */
@ApplicationScoped
public class PruneContainers {
    private static final Set<String> FILTERS = Set.of(UntilFilter.KEY, "label", "label!");
    private static final String STOPPED = "from ContainerEntity c where c.observed in ('created', 'exited', 'dead')"
            + " and c.operation is null order by c.createdAt desc";

    private final Mutiny.SessionFactory sessions;
    private final RemoveContainer removal;
    private final HostAgents agents;
    private final ContainerFacts facts;

    PruneContainers(Mutiny.SessionFactory sessions, RemoveContainer removal, HostAgents agents, ContainerFacts facts) {
        this.sessions = sessions;
        this.removal = removal;
        this.agents = agents;
        this.facts = facts;
    }

    public Uni<ContainerResults.Pruned> prune(String filters) {
        Filters asked = Filters.parse(filters, FILTERS);
        Instant until = UntilFilter.only(asked);
        List<String> deleted = new ArrayList<>();
        AtomicLong reclaimed = new AtomicLong();
        return sessions.withSession(session -> session.createSelectionQuery(STOPPED, ContainerEntity.class)
                        .getResultList())
                .chain(rows -> Multi.createFrom()
                        .iterable(rows.stream()
                                .filter(row -> until == null || row.createdAt.isBefore(until))
                                .filter(row -> asked.labels("label", row.labels()))
                                .filter(row -> !asked.has("label!") || !asked.labels("label!", row.labels()))
                                .toList())
                        .onItem()
                        .transformToUniAndConcatenate(row -> remove(row, deleted, reclaimed))
                        .collect()
                        .last())
                .chain(() -> sessions.withTransaction(
                        session -> facts.append(session, Fact.pruned("container", reclaimed.get()))))
                .map(done ->
                        new ContainerResults.Pruned(deleted.isEmpty() ? null : List.copyOf(deleted), reclaimed.get()));
    }

    /** One that started meanwhile, or that its host cannot remove now, is left. */
    private Uni<Boolean> remove(ContainerEntity row, List<String> deleted, AtomicLong reclaimed) {
        return agents.size(row.hostId, row.id)
                .map(size -> size.sizeRw())
                .onFailure()
                .recoverWithItem(0L)
                .chain(size -> removal.remove(row.id, false, false).map(done -> {
                    reclaimed.addAndGet(size);
                    return deleted.add(row.id);
                }))
                .onFailure(EngineError.class)
                .recoverWithItem(false);
    }
}
