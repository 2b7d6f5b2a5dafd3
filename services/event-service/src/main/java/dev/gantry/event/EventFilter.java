package dev.gantry.event;

import dev.gantry.engine.filter.Filters;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Which events a subscriber wants, decided as dockerd does. */
record EventFilter(Filters filters) implements Predicate<LogEntry> {
    /** Kinds of object whose filter takes a name, an id, or the beginning of one. */
    private static final List<String> OBJECTS =
            List.of("config", "container", "daemon", "network", "node", "plugin", "secret", "service", "volume");

    private static final Set<String> KNOWN = Set.of(
            "config",
            "container",
            "daemon",
            "event",
            "image",
            "label",
            "network",
            "node",
            "plugin",
            "scope",
            "secret",
            "service",
            "type",
            "volume");

    /** Actions that may be followed by a colon and details; these match by their beginning. */
    private static final Set<String> DETAILED = Set.of("exec_create", "exec_start", "health_status");

    static EventFilter parse(String text) {
        return new EventFilter(Filters.parse(text, KNOWN));
    }

    @Override
    public boolean test(LogEntry entry) {
        return visible(entry)
                && action(entry.action())
                && filters.exact("type", entry.noun())
                && filters.exact("scope", EventMessage.SCOPE)
                && OBJECTS.stream().allMatch(kind -> object(kind, entry))
                && image(entry)
                && filters.labels("label", entry.attributes());
    }

    /** What Docker's clients do not know is shown to those who ask for it. */
    private boolean visible(LogEntry entry) {
        return (!entry.noun().equals("host") || filters.get("type").contains("host"))
                && (!entry.action().equals("rest") || filters.get("event").contains("rest"));
    }

    private boolean action(String action) {
        boolean fuzzy = filters.get("event").stream().anyMatch(DETAILED::contains);
        return fuzzy ? filters.prefix("event", action) : filters.exact("event", action);
    }

    private boolean object(String kind, LogEntry entry) {
        return filters.prefix(kind, entry.subject())
                || filters.prefix(kind, entry.attributes().get("name"));
    }

    private boolean image(LogEntry entry) {
        String name = entry.attributes().getOrDefault(entry.noun().equals("image") ? "name" : "image", "");
        return filters.exact("image", entry.subject())
                || filters.exact("image", name)
                || filters.exact("image", withoutTag(entry.subject()))
                || filters.exact("image", withoutTag(name));
    }

    private static String withoutTag(String reference) {
        String name = reference.split("@", 2)[0];
        int colon = name.lastIndexOf(':');
        String repository = colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
        return repository.replaceFirst("^(docker\\.io/)?(library/)?", "");
    }
}
