package dev.gantry.container.volume;

import dev.gantry.agent.api.ContainerOperations.PluginVolume;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.VolumeRecords;
import dev.gantry.engine.filter.FilterPattern;
import dev.gantry.engine.filter.Filters;
import dev.gantry.engine.json.Truth;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.service.fact.Fact;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.hibernate.reactive.mutiny.Mutiny;

/** {@code GET /volumes} and {@code POST /volumes/prune}. */
@ApplicationScoped
public class ListVolumes {
    private static final Set<String> LIST_FILTERS = Set.of("dangling", "driver", "label", "name");
    private static final Set<String> PRUNE_FILTERS = Set.of("label", "label!", "all");
    private static final String USED = "select distinct u.volume_name from container.volume_uses u";

    private final Mutiny.SessionFactory sessions;
    private final PluginVolumes plugins;
    private final RemoveVolume removal;
    private final MeasureVolumes measure;
    private final ContainerFacts facts;

    ListVolumes(
            Mutiny.SessionFactory sessions,
            PluginVolumes plugins,
            RemoveVolume removal,
            MeasureVolumes measure,
            ContainerFacts facts) {
        this.sessions = sessions;
        this.plugins = plugins;
        this.removal = removal;
        this.measure = measure;
        this.facts = facts;
    }

    public Uni<VolumeRecords.Listing> list(String filters) {
        Filters asked = asked(filters);
        Optional<Boolean> dangling = asked.truth("dangling");
        Predicate<String> names = names(asked);
        return all().chain(found -> plugins.list()
                .map(told -> new VolumeRecords.Listing(
                        shown(found, told).stream()
                                .filter(one -> dangling.isEmpty()
                                        || dangling.get() != found.used().contains(one.name()))
                                .filter(one -> asked.exact("driver", one.driver()))
                                .filter(one -> !asked.has("name") || names.test(one.name()))
                                .filter(one -> asked.labels("label", one.labels() == null ? Map.of() : one.labels()))
                                .toList(),
                        null)));
    }

    /** As in dockerd: one of the values is the whole name, or an expression that is found in it. */
    private static Predicate<String> names(Filters asked) {
        List<Predicate<String>> values = asked.get("name").stream()
                .map(value -> FilterPattern.of(value)
                        .<Predicate<String>>map(pattern -> name -> name.equals(value) || pattern.find(name))
                        .orElse(value::equals))
                .toList();
        return name -> values.stream().anyMatch(value -> value.test(name));
    }

    /** Ours, with what plug-ins say of theirs, and those that only plug-ins know of; by name. */
    private static Collection<VolumeRecords.Volume> shown(Found found, List<PluginVolume> told) {
        Map<String, VolumeRecords.Volume> shown = new TreeMap<>();
        found.volumes().forEach(row -> shown.put(row.name, row.toRecord()));
        for (PluginVolume one : told) {
            VolumeRecords.Volume known = shown.get(one.name());
            if (known == null) {
                shown.put(one.name(), PluginVolumes.of(one));
            } else if (known.driver().equals(one.driver())) {
                shown.put(one.name(), PluginVolumes.with(known, one));
            }
        }
        return shown.values();
    }

    private record Found(List<VolumeEntity> volumes, Set<String> used) {}

    private Uni<Found> all() {
        return sessions.withSession(session -> session.createSelectionQuery(
                        "from VolumeEntity v where v.operation is null or v.operation <> 'create' order by v.name",
                        VolumeEntity.class)
                .getResultList()
                .chain(volumes -> session.createNativeQuery(USED, String.class)
                        .getResultList()
                        .map(used -> new Found(volumes, Set.copyOf(used)))));
    }

    private static Map<String, String> labels(VolumeEntity row) {
        return row.labels == null ? Map.of() : StoredJson.strings(row.labels);
    }

    /** In dockerd's words. */
    private static Filters asked(String filters) {
        Filters asked;
        try {
            asked = Filters.read(filters);
        } catch (EngineError.BadParameter e) {
            throw new EngineError.BadParameter("error reading volume filters: " + e.getMessage());
        }
        return asked.only(LIST_FILTERS);
    }

    /** Clients before 1.42 mean named ones as well: dockerd gives them the filter. */
    private static boolean all(Filters asked, ApiVersion version) {
        Set<String> values = new TreeSet<>(asked.get("all"));
        if (version.before(1, 42)) {
            values.add("true");
        }
        if (values.size() > 1) {
            throw new EngineError.BadParameter(
                    "invalid filter 'all=[%s]': only one value is expected".formatted(String.join(" ", values)));
        }
        return !values.isEmpty()
                && Truth.parse(values.iterator().next())
                        .orElseThrow(() -> new EngineError.BadParameter(
                                "invalid filter 'all': strconv.ParseBool: parsing \"%s\": invalid syntax"
                                        .formatted(values.iterator().next())));
    }

    /** Removes what no container uses: anonymous volumes, and named ones with the filter {@code all=true}; as dockerd none with options. */
    public Uni<VolumeRecords.Pruned> prune(String filters, ApiVersion version) {
        Filters asked = Filters.parse(filters, PRUNE_FILTERS);
        boolean named = all(asked, version);
        AtomicLong reclaimed = new AtomicLong();
        return all().chain(found -> Multi.createFrom()
                .iterable(found.volumes().stream()
                        .filter(row -> !found.used().contains(row.name))
                        .filter(VolumeEntity::isPlain)
                        .filter(row -> named || row.anonymous)
                        .filter(row -> asked.labels("label", labels(row)))
                        .filter(row -> !asked.has("label!") || !asked.labels("label!", labels(row)))
                        .toList())
                .onItem()
                .transformToUniAndConcatenate(row -> prune(row, reclaimed))
                .filter(name -> !name.isEmpty())
                .collect()
                .asList()
                .call(() -> sessions.withTransaction(
                        session -> facts.append(session, Fact.pruned("volume", reclaimed.get()))))
                .map(names -> new VolumeRecords.Pruned(names, reclaimed.get())));
    }

    /** Its name, or nothing when somebody uses it by now. */
    private Uni<String> prune(VolumeEntity row, AtomicLong reclaimed) {
        return measure.size(row).chain(size -> removal.ifUnused(row.name).map(removed -> {
            if (!removed) {
                return "";
            }
            reclaimed.addAndGet(Math.max(0, size));
            return row.name;
        }));
    }
}
