package dev.gantry.container.query;

import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.ContainerLookup;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.filter.Filters;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.image.ResolvedImage;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.hibernate.reactive.mutiny.Mutiny;

/** {@code GET /containers/json}. Never asks a host, except for sizes. */
@ApplicationScoped
public class ListContainers {
    /** {@code $1} is how many, null for all. */
    private static final String NEWEST_FIRST = " order by created_at desc limit $1";

    private static final String ALL = SummaryRow.SELECT + NEWEST_FIRST;
    private static final String ALIVE =
            SummaryRow.SELECT + " and observed in ('running', 'paused', 'restarting')" + NEWEST_FIRST;

    private final Pool database;
    private final Mutiny.SessionFactory sessions;
    private final ContainerLookup lookup;
    private final Images images;
    private final HostAgents agents;

    ListContainers(
            Pool database, Mutiny.SessionFactory sessions, ContainerLookup lookup, Images images, HostAgents agents) {
        this.database = database;
        this.sessions = sessions;
        this.lookup = lookup;
        this.images = images;
        this.agents = agents;
    }

    /**
     * @param limit the newest ones, running or not; 0 for no limit
     * @param filters the API's JSON, maybe null
     */
    public Uni<List<ContainerSummary>> list(boolean all, int limit, boolean size, String filters) {
        Filters asked = Filters.parse(filters, ContainerFilters.KNOWN);
        ContainerFilters byRow = new ContainerFilters(asked);
        boolean stopped = all || limit > 0 || byRow.showsStopped();
        // Filters choose among all, and the limit is of what they chose.
        Long most = filters == null && limit > 0 ? Long.valueOf(limit) : null;
        return ancestors(asked)
                .chain(ancestor -> rows(asked, stopped, most)
                        .map(rows -> chosen(rows, row -> byRow.matches(row) && ancestor.test(row), limit)))
                .chain(this::summaries)
                .chain(list -> size ? sized(list) : Uni.createFrom().item(list.summaries()));
    }

    private record Listed(List<SummaryRow> rows, List<ContainerSummary> summaries) {}

    /** No session is open while the rows are read: a request never holds two of the pool's connections. */
    private Uni<Stream<SummaryRow>> rows(Filters asked, boolean stopped, Long most) {
        return bound(asked, "before")
                .chain(before -> bound(asked, "since").chain(since -> database.preparedQuery(stopped ? ALL : ALIVE)
                        .execute(Tuple.of(most))
                        .map(found -> StreamSupport.stream(found.spliterator(), false)
                                .map(SummaryRow::of)
                                .filter(row -> before == null || row.createdAt().isBefore(before))
                                .filter(row -> since == null || row.createdAt().isAfter(since)))));
    }

    private Uni<Instant> bound(Filters asked, String key) {
        return asked.has(key)
                ? sessions.withSession(
                                session -> lookup.find(session, asked.get(key).getFirst()))
                        .map(container -> container.createdAt)
                : Uni.createFrom().nullItem();
    }

    private static List<SummaryRow> chosen(Stream<SummaryRow> rows, Predicate<SummaryRow> filter, int limit) {
        Stream<SummaryRow> matching = rows.filter(filter);
        return (limit > 0 ? matching.limit(limit) : matching).toList();
    }

    /** An image is its own ancestor, and that of all that was committed on it. */
    private Uni<Predicate<SummaryRow>> ancestors(Filters asked) {
        if (!asked.isGiven("ancestor")) {
            return Uni.createFrom().item(row -> true);
        }
        return Multi.createFrom()
                .iterable(asked.get("ancestor"))
                .onItem()
                .transformToUniAndConcatenate(reference -> images.resolve(reference, "")
                        .map(ResolvedImage::id)
                        .onFailure(EngineError.class)
                        .recoverWithItem(""))
                .collect()
                .asList()
                .chain(ids -> images.descendants(
                        ids.stream().filter(id -> !id.isEmpty()).toList()))
                .map(Set::copyOf)
                .map(ids -> row -> ids.contains(row.imageId()));
    }

    private Uni<Listed> summaries(List<SummaryRow> chosen) {
        List<String> ids = chosen.stream().map(SummaryRow::imageId).distinct().toList();
        Instant now = Instant.now();
        return (ids.isEmpty() ? Uni.createFrom().item(List.<Images.ImageReferences>of()) : images.referencesOf(ids))
                .map(known -> {
                    Map<String, List<String>> references = new HashMap<>();
                    known.forEach(entry -> references.put(entry.imageId(), entry.references()));
                    List<ContainerSummary> summaries = chosen.stream()
                            .map(row -> row.toSummary(
                                    ImageName.shown(row.imageReference(), row.imageId(), references.get(row.imageId())),
                                    now))
                            .toList();
                    return new Listed(chosen, summaries);
                });
    }

    private Uni<List<ContainerSummary>> sized(Listed listed) {
        return Multi.createFrom()
                .range(0, listed.rows().size())
                .onItem()
                .transformToUniAndConcatenate(i -> {
                    SummaryRow row = listed.rows().get(i);
                    return agents.size(row.hostId(), row.id())
                            .onFailure()
                            .recoverWithItem(new ContainerOperations.Size(0, 0))
                            .map(size -> listed.summaries().get(i).withSize(size.sizeRw(), size.sizeRootFs()));
                })
                .collect()
                .asList();
    }
}
