package dev.gantry.image.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.filter.Filters;
import dev.gantry.engine.filter.UntilFilter;
import dev.gantry.engine.image.ImageSummary;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.image.store.FindImage;
import dev.gantry.image.store.ImageEntity;
import dev.gantry.image.store.ReferenceEntity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/** {@code docker images}. */
@ApplicationScoped
class ListImages {
    private static final Set<String> FILTERS = Set.of("reference", "dangling", "label", "before", "since", "until");

    private final Mutiny.SessionFactory sessions;
    private final FindImage images;
    private final ObjectMapper json;

    ListImages(Mutiny.SessionFactory sessions, FindImage images, ObjectMapper json) {
        this.sessions = sessions;
        this.images = images;
        this.json = json;
    }

    /**
     * Newest first.
     *
     * @param all those without a name that others were committed on, too
     * @param sharedSize shared sizes are worked out only when wanted
     */
    Uni<List<ImageSummary>> list(String filter, boolean all, boolean sharedSize, ApiVersion version) {
        Filters filters = Filters.parse(filter, FILTERS);
        Optional<Boolean> dangling = filters.truth("dangling");
        return sessions.withSession(session -> bounds(session, filters)
                .chain(bounds -> rows(session).chain(rows -> references(session)
                        .chain(references -> shared(session, sharedSize).map(shared -> rows.stream()
                                .filter(row -> all || !isBetween(row, rows, references))
                                .map(row -> summary(row, references, shared, filters, dangling, bounds, version))
                                .filter(Objects::nonNull)
                                .toList())))));
    }

    /** The columns that a list needs: not the configuration, which is most of a row. */
    private record Row(String id, Instant created, long size, String labels, String parent) {}

    private static boolean isBetween(Row row, List<Row> rows, Map<String, List<ReferenceEntity>> references) {
        return !references.containsKey(row.id())
                && rows.stream().anyMatch(other -> row.id().equals(other.parent()));
    }

    /** Only images created within these, exclusive; null is no bound. */
    private record Bounds(Instant after, Instant before) {
        boolean contains(Instant created) {
            return (after == null || created.isAfter(after)) && (before == null || created.isBefore(before));
        }
    }

    private Uni<Bounds> bounds(Mutiny.Session session, Filters filters) {
        return created(session, filters.get("since")).chain(since -> created(session, filters.get("before"))
                .map(before -> new Bounds(since, earliest(before, UntilFilter.earliest(filters)))));
    }

    private static Instant earliest(Instant one, Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    private Uni<Instant> created(Mutiny.Session session, List<String> names) {
        return names.isEmpty()
                ? Uni.createFrom().nullItem()
                : images.require(session, names.getLast()).map((ImageEntity image) -> image.createdAt);
    }

    private static Uni<List<Row>> rows(Mutiny.Session session) {
        return session.createQuery(
                        "select i.id, i.createdAt, i.size, i.labels, i.parent from ImageEntity i"
                                + " order by i.createdAt desc, i.id",
                        Object[].class)
                .getResultList()
                .map(rows -> rows.stream()
                        .map(row -> new Row(
                                (String) row[0], (Instant) row[1], (Long) row[2], (String) row[3], (String) row[4]))
                        .toList());
    }

    private static Uni<Map<String, List<ReferenceEntity>>> references(Mutiny.Session session) {
        return session.createQuery("from ReferenceEntity r order by r.name", ReferenceEntity.class)
                .getResultList()
                .map(references -> {
                    Map<String, List<ReferenceEntity>> byImage = new HashMap<>();
                    references.forEach(reference -> byImage.computeIfAbsent(reference.imageId, id -> new ArrayList<>())
                            .add(reference));
                    return byImage;
                });
    }

    private static Uni<Map<String, Long>> shared(Mutiny.Session session, boolean wanted) {
        if (!wanted) {
            return Uni.createFrom().nullItem();
        }
        return session.createQuery(
                        "select l.id.imageId, sum(l.contentSize) from ImageLayerEntity l where exists (from"
                                + " ImageLayerEntity o where o.chainId = l.chainId and o.id.imageId <> l.id.imageId)"
                                + " group by l.id.imageId",
                        Object[].class)
                .getResultList()
                .map(rows -> {
                    Map<String, Long> byImage = new HashMap<>();
                    rows.forEach(row -> byImage.put((String) row[0], (Long) row[1]));
                    return byImage;
                });
    }

    /** Null when a filter leaves the image out. */
    private ImageSummary summary(
            Row row,
            Map<String, List<ReferenceEntity>> references,
            Map<String, Long> shared,
            Filters filters,
            Optional<Boolean> dangling,
            Bounds bounds,
            ApiVersion version) {
        Map<String, String> labels = labels(row.labels());
        if (!bounds.contains(row.created()) || !filters.labels("label", labels == null ? Map.of() : labels)) {
            return null;
        }
        ImageNames names = ImageNames.of(references.getOrDefault(row.id(), List.of()));
        ImageNames shown = names.matching(filters.get("reference"));
        boolean hidden = (filters.isGiven("reference") && (!filters.has("reference") || shown.isEmpty()))
                || (dangling.isPresent() && dangling.get() != names.tags().isEmpty());
        if (hidden) {
            return null;
        }
        return new ImageSummary(
                row.id(),
                row.parent() == null ? "" : row.parent(),
                shown.repoTags(version),
                shown.repoDigests(version),
                row.created().getEpochSecond(),
                row.size(),
                shared == null ? -1 : shared.getOrDefault(row.id(), 0L),
                version.before(1, 44) ? row.size() : null,
                labels,
                -1);
    }

    private Map<String, String> labels(String stored) {
        try {
            return stored == null ? null : json.readValue(stored, new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("labels in the database are not JSON", e);
        }
    }
}
