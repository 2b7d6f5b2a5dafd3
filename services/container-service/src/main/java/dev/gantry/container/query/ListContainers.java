package dev.gantry.container.query;

import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.ContainerLookup;
import dev.gantry.container.volume.VolumeEntity;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.filter.Filters;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.image.ResolvedImage;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.hibernate.reactive.mutiny.Mutiny;

/** {@code GET /containers/json}. Never asks a host, except for sizes. */
@ApplicationScoped
public class ListContainers {
    private static final String ALL = SummaryRow.SELECT + " order by created_at desc";
    private static final String ALIVE =
            SummaryRow.SELECT + " and observed in ('running', 'paused', 'restarting') order by created_at desc";

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
        return ancestors(asked)
                .chain(ancestor -> rows(asked, stopped)
                        .map(rows -> chosen(rows, row -> byRow.matches(row) && ancestor.test(row), limit)))
                .chain(rows -> mountpoints(rows).map(points -> new Chosen(rows, points)))
                .chain(this::summaries)
                .chain(list -> size ? sized(list) : Uni.createFrom().item(list.summaries()));
    }

    private record Chosen(List<SummaryRow> rows, Map<String, String> mountpoints) {}

    private record Listed(List<SummaryRow> rows, List<ContainerSummary> summaries) {}

    /** No session is open while the rows are read: a request never holds two of the pool's connections. */
    private Uni<Stream<SummaryRow>> rows(Filters asked, boolean stopped) {
        return bound(asked, "before").chain(before -> bound(asked, "since")
                .chain(since -> database.query(stopped ? ALL : ALIVE).execute().map(found -> StreamSupport.stream(
                                found.spliterator(), false)
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

    /** Only images built here have children; loaded and pulled ones are ancestors of nothing but themselves. */
    private Uni<Predicate<SummaryRow>> ancestors(Filters asked) {
        if (!asked.has("ancestor")) {
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
                .map(ids -> row -> ids.contains(row.imageId()));
    }

    private Uni<Map<String, String>> mountpoints(List<SummaryRow> rows) {
        Set<String> names = rows.stream()
                .flatMap(row -> row.mounts().stream())
                .filter(mount -> mount.isVolume())
                .map(mount -> mount.source())
                .collect(Collectors.toSet());
        return names.isEmpty()
                ? Uni.createFrom().item(Map.of())
                : sessions.withSession(session -> session.createSelectionQuery(
                                        "from VolumeEntity v where v.name in (:names)", VolumeEntity.class)
                                .setParameter("names", List.copyOf(names))
                                .getResultList())
                        .map(found -> found.stream().collect(Collectors.toMap(row -> row.name, row -> row.mountpoint)));
    }

    private Uni<Listed> summaries(Chosen chosen) {
        List<String> ids =
                chosen.rows().stream().map(row -> row.imageId()).distinct().toList();
        Instant now = Instant.now();
        return (ids.isEmpty() ? Uni.createFrom().item(List.<Images.ImageReferences>of()) : images.referencesOf(ids))
                .map(known -> {
                    Map<String, List<String>> references = new HashMap<>();
                    known.forEach(entry -> references.put(entry.imageId(), entry.references()));
                    List<ContainerSummary> summaries = chosen.rows().stream()
                            .map(row -> row.toSummary(
                                    ImageName.shown(row.imageReference(), row.imageId(), references.get(row.imageId())),
                                    chosen.mountpoints(),
                                    now))
                            .toList();
                    return new Listed(chosen.rows(), summaries);
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
