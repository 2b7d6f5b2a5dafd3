package dev.gantry.container.create;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.filter.FilterPattern;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** What {@code docker logs --details} shows of a line: labels, variables and the tag that the log's options name. */
final class LogDetails {
    private LogDetails() {}

    /**
     * Sorted, as dockerd writes them: {@code name=value,...}, escaped as in a URL's query.
     *
     * @return null for none
     * @throws EngineError.BadParameter in dockerd's words for an expression or a tag that is none
     */
    static String of(Map<String, String> options, LoggedContainer container) {
        Map<String, String> details = attributes(options, container);
        String tag = LogTag.expand(options.getOrDefault("tag", ""), container);
        if (!tag.isEmpty()) {
            details.put("tag", tag);
        }
        return details.isEmpty()
                ? null
                : details.entrySet().stream()
                        .map(one -> escaped(one.getKey()) + "=" + escaped(one.getValue()))
                        .collect(Collectors.joining(","));
    }

    /** Labels and variables that the options name, by their names. */
    static Map<String, String> attributes(Map<String, String> options, LoggedContainer container) {
        Map<String, String> attributes = new TreeMap<>();
        Map<String, String> labels = container.config().labels() == null
                ? Map.of()
                : container.config().labels();
        Map<String, String> variables = variables(container.config().env());
        pick(options, "labels", labels, attributes::put);
        pick(options, "env", variables, attributes::put);
        return attributes;
    }

    private static void pick(
            Map<String, String> options, String kind, Map<String, String> from, BiConsumer<String, String> to) {
        for (String name : options.getOrDefault(kind, "").split(",", -1)) {
            if (from.containsKey(name)) {
                to.accept(name, from.get(name));
            }
        }
        String expression = options.getOrDefault(kind + "-regex", "");
        if (!expression.isEmpty()) {
            Optional<FilterPattern> pattern = FilterPattern.of(expression);
            if (pattern.isEmpty()) {
                throw new EngineError.BadParameter("error parsing regexp: " + reason(expression));
            }
            from.forEach((name, value) -> {
                if (pattern.get().find(name)) {
                    to.accept(name, value);
                }
            });
        }
    }

    /** Go's commonest complaint; of others it is only said that there is one. */
    private static String reason(String expression) {
        long open = expression.chars().filter(c -> c == '(').count();
        long closed = expression.chars().filter(c -> c == ')').count();
        return (open > closed ? "missing closing ): `" : "invalid expression: `") + expression + "`";
    }

    private static Map<String, String> variables(List<String> environment) {
        Map<String, String> variables = new TreeMap<>();
        for (String variable : environment == null ? new ArrayList<String>() : environment) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return variables;
    }

    /** As Go's {@code url.QueryEscape}. */
    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("*", "%2A")
                .replace("%7E", "~");
    }
}
