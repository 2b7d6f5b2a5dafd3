package dev.gantry.engine.filter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.EngineError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The API's {@code filters} parameter: values by key. A key without values matches everything; several values of a key
 * are alternatives, except labels, which must all be there.
 */
public record Filters(Map<String, List<String>> values) {
    public static final Filters NONE = new Filters(Map.of());
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Reads {@code {"key": ["value"]}} and the older {@code {"key": {"value": true}}}.
     *
     * @param text maybe null or empty
     * @param known keys that the operation understands
     * @throws EngineError.BadParameter for malformed text, and {@code invalid filter 'x'} for any other key
     */
    public static Filters parse(String text, Set<String> known) {
        if (text == null || text.isBlank()) {
            return NONE;
        }
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : object(text).properties()) {
            if (!known.contains(field.getKey())) {
                throw new EngineError.BadParameter("invalid filter '" + field.getKey() + "'");
            }
            values.put(field.getKey(), values(field.getValue()));
        }
        return new Filters(values);
    }

    private static JsonNode object(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            if (node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            throw new EngineError.BadParameter("invalid filter: " + e.getOriginalMessage());
        }
        throw new EngineError.BadParameter("invalid filter: an object is expected");
    }

    private static List<String> values(JsonNode node) {
        List<String> found = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(value -> found.add(value.asText()));
        } else if (node.isObject()) {
            node.properties().stream().filter(p -> p.getValue().asBoolean()).forEach(p -> found.add(p.getKey()));
        } else {
            throw new EngineError.BadParameter("invalid filter: a list of values is expected");
        }
        return List.copyOf(found);
    }

    public boolean has(String key) {
        return !get(key).isEmpty();
    }

    public List<String> get(String key) {
        return values.getOrDefault(key, List.of());
    }

    /** Whether {@code value} is one of the key's values. */
    public boolean exact(String key, String value) {
        return !has(key) || get(key).contains(value);
    }

    /** Whether {@code value} starts with one of the key's values. */
    public boolean prefix(String key, String value) {
        return !has(key) || (value != null && get(key).stream().anyMatch(value::startsWith));
    }

    /** Whether each value, {@code name} or {@code name=value}, is among the labels. */
    public boolean labels(String key, Map<String, String> labels) {
        return get(key).stream().allMatch(wanted -> {
            int equals = wanted.indexOf('=');
            String name = equals < 0 ? wanted : wanted.substring(0, equals);
            String value = labels.get(name);
            return value != null && (equals < 0 || value.equals(wanted.substring(equals + 1)));
        });
    }
}
