package dev.gantry.network.query;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.filter.FilterPattern;
import dev.gantry.engine.filter.Filters;
import dev.gantry.network.state.NetworkEntity;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Which networks a list shows, by the {@code filters} that dockerd knows. */
public final class NetworkFilter {
    private static final Set<String> KNOWN = Set.of("dangling", "driver", "id", "label", "name", "scope", "type");

    private final Filters filters;
    private final List<Predicate<String>> names;
    private final List<Predicate<String>> ids;

    private NetworkFilter(Filters filters) {
        this.filters = filters;
        this.names = filters.get("name").stream().map(NetworkFilter::pattern).toList();
        this.ids = filters.get("id").stream().map(NetworkFilter::pattern).toList();
    }

    /** @throws EngineError for a key or value that is not known */
    public static NetworkFilter parse(String text) {
        Filters filters = Filters.parse(text, KNOWN);
        List<String> dangling = filters.get("dangling");
        if (dangling.size() > 1) {
            throw new EngineError.BadParameter("got more than one value for filter key \"dangling\"");
        }
        if (!Set.of("true", "1", "false", "0").containsAll(dangling)) {
            throw new EngineError.BadParameter(
                    "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or" + " \"false\" (or \"0\")");
        }
        for (String type : filters.get("type")) {
            if (!type.equals("builtin") && !type.equals("custom")) {
                // With the status that dockerd has for it.
                throw new EngineError.Failed("invalid filter: 'type'='" + type + "'");
            }
        }
        return new NetworkFilter(filters);
    }

    /** Whether {@link #admits} needs to know which networks are used. */
    boolean asksForUse() {
        return filters.has("dangling");
    }

    /** @param used ids of the networks that a container is attached to */
    boolean admits(NetworkEntity network, Set<String> used) {
        return anyOf(names, network.name)
                && anyOf(ids, network.id)
                && filters.exact("driver", network.driver)
                && filters.exact("scope", network.scope)
                && (!filters.isGiven("type") || filters.get("type").contains(network.predefined ? "builtin" : "custom"))
                && filters.labels("label", network.labels)
                && (!asksForUse() || isDangling(network, used) == wantsDangling());
    }

    private static boolean isDangling(NetworkEntity network, Set<String> used) {
        return !network.predefined && !used.contains(network.id);
    }

    private boolean wantsDangling() {
        return Set.of("1", "true").contains(filters.get("dangling").getFirst());
    }

    /** Values are regular expressions, or plain text where they are none. */
    private static Predicate<String> pattern(String text) {
        return FilterPattern.of(text)
                .<Predicate<String>>map(pattern -> pattern::find)
                .orElse(text::equals);
    }

    private static boolean anyOf(List<Predicate<String>> patterns, String value) {
        return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> pattern.test(value));
    }
}
