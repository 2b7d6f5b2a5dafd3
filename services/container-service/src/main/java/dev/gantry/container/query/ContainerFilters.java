package dev.gantry.container.query;

import dev.gantry.container.state.ContainerState;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.filter.FilterPattern;
import dev.gantry.engine.filter.Filters;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The filters of {@code docker ps} that look at one container by itself. Parsed, and so judged, before any row is read. */
final class ContainerFilters {
    static final Set<String> KNOWN = Set.of(
            "ancestor",
            "before",
            "expose",
            "exited",
            "health",
            "id",
            "isolation",
            "label",
            "name",
            "network",
            "publish",
            "since",
            "status",
            "volume",
            "is-task");
    private static final Set<String> STATES =
            Set.of("created", "running", "paused", "restarting", "removing", "exited", "dead");
    private static final Set<String> HEALTH = Set.of("starting", "healthy", "unhealthy", "none");

    private final Filters filters;
    private final List<Predicate<String>> names;
    private final List<Predicate<String>> ids;
    private final List<Long> exited;
    private final boolean ofTasks;
    private final List<PortFilter> publish;
    private final List<PortFilter> expose;

    ContainerFilters(Filters filters) {
        this.filters = filters;
        this.names = filters.get("name").stream().map(ContainerFilters::pattern).toList();
        this.ids = filters.get("id").stream().map(ContainerFilters::pattern).toList();
        this.exited =
                filters.get("exited").stream().map(ContainerFilters::number).toList();
        this.publish = filters.get("publish").stream()
                .map(text -> PortFilter.parse("publish", text))
                .toList();
        this.expose = filters.get("expose").stream()
                .map(text -> PortFilter.parse("expose", text))
                .toList();
        only("status", STATES, "invalid filter 'status=%s'");
        only("health", HEALTH, "unrecognized filter value for health: %s");
        this.ofTasks = filters.truth("is-task").orElse(false);
    }

    private void only(String key, Set<String> allowed, String message) {
        for (String value : filters.get(key)) {
            if (!allowed.contains(value)) {
                throw new EngineError.BadParameter(message.formatted(value));
            }
        }
    }

    /** Names and ids are matched as regular expressions; what is none is matched literally. */
    private static Predicate<String> pattern(String text) {
        return FilterPattern.of(text)
                .<Predicate<String>>map(pattern -> pattern::find)
                .orElse(value -> value.contains(text));
    }

    private static Long number(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw new EngineError.BadParameter("invalid filter 'exited=%s': strconv.Atoi: parsing \"%s\": %s"
                    .formatted(text, text, text.matches("[+-]?[0-9]+") ? "value out of range" : "invalid syntax"));
        }
    }

    /** Asking for a state shows containers that do not run, too. */
    boolean showsStopped() {
        return filters.has("status");
    }

    boolean matches(SummaryRow row) {
        return anyOf(ids, row.id())
                && (anyOf(names, row.name()) || row.names().stream().anyMatch(name -> anyOf(names, name)))
                && filters.exact("status", row.state().word())
                && (!filters.has("label") || filters.labels("label", row.labelMap()))
                && exited(row)
                && filters.exact("health", row.health())
                && (!filters.has("isolation") || filters.get("isolation").contains("default"))
                && !ofTasks
                && volume(row)
                && network(row)
                && ports(row);
    }

    private static boolean anyOf(List<Predicate<String>> patterns, String text) {
        return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> pattern.test(text));
    }

    private boolean exited(SummaryRow row) {
        return exited.isEmpty()
                || (!(row.state() instanceof ContainerState.Alive)
                        && row.state().history().startedAt() != null
                        && exited.contains((long) row.state().history().exitCode()));
    }

    private boolean volume(SummaryRow row) {
        return !filters.isGiven("volume")
                || row.plannedMounts().stream()
                        .anyMatch(mount -> filters.get("volume").contains(mount.source())
                                || filters.get("volume").contains(mount.target()));
    }

    private boolean network(SummaryRow row) {
        return !filters.isGiven("network")
                || row.endpoints().entrySet().stream().anyMatch(endpoint -> filters.get("network").stream()
                        .anyMatch(wanted -> wanted.equals(endpoint.getKey())
                                || endpoint.getValue().networkId().startsWith(wanted)));
    }

    private boolean ports(SummaryRow row) {
        if (publish.isEmpty() && expose.isEmpty()) {
            return true;
        }
        List<ContainerSummary.Port> ports = row.ports();
        // As dockerd: one of the two is enough.
        return ports.stream()
                .anyMatch(port -> publish.stream().anyMatch(filter -> filter.matches(port.publicPort(), port.type()))
                        || expose.stream().anyMatch(filter -> filter.matches(port.privatePort(), port.type())));
    }
}
