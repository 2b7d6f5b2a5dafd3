package dev.gantry.engine.filter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gantry.engine.EngineError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The API's {@code filters} parameter: values by key. A key without values matches everything, unless said otherwise; several
 * values of a key are alternatives, except labels, which must all be there.
 *
 * @param values with the truth beside each that the older form has, which only {@link #truth} looks at
 */
public record Filters(Map<String, Map<String, Boolean>> values) {
    public static final Filters NONE = new Filters(Map.of());

    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    /**
     * Reads {@code {"key": ["value"]}} and the older {@code {"key": {"value": true}}}, as {@link #read} does.
     *
     * @param known keys that the operation understands
     * @throws EngineError.BadParameter for malformed text, and {@code invalid filter 'x'} for any other key
     */
    public static Filters parse(String text, Set<String> known) {
        return read(text).only(known);
    }

    /**
     * As Go's decoder reads it: all keys in the same form, {@code null} for nothing, an empty text and false.
     *
     * @param text null or empty for none
     * @throws EngineError.BadParameter for what has neither form
     */
    public static Filters read(String text) {
        if (text == null || text.isEmpty()) {
            return NONE;
        }
        JsonNode tree = tree(text);
        if (tree.isNull()) {
            return NONE;
        }
        if (hasForm(tree, JsonNode::isObject, JsonNode::isBoolean)) {
            return new Filters(byKey(tree, Filters::older));
        }
        if (hasForm(tree, JsonNode::isArray, JsonNode::isTextual)) {
            return new Filters(byKey(tree, Filters::listed));
        }
        throw malformed();
    }

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw malformed();
        }
    }

    private static EngineError.BadParameter malformed() {
        return new EngineError.BadParameter("invalid filter");
    }

    private static boolean hasForm(JsonNode tree, Predicate<JsonNode> values, Predicate<JsonNode> value) {
        return tree.isObject()
                && tree.valueStream()
                        .filter(key -> !key.isNull())
                        .allMatch(key ->
                                values.test(key) && key.valueStream().allMatch(one -> one.isNull() || value.test(one)));
    }

    private static Map<String, Map<String, Boolean>> byKey(
            JsonNode tree, Function<JsonNode, Map<String, Boolean>> values) {
        Map<String, Map<String, Boolean>> byKey = new LinkedHashMap<>();
        tree.properties().forEach(key -> byKey.put(key.getKey(), values.apply(key.getValue())));
        return byKey;
    }

    private static Map<String, Boolean> older(JsonNode node) {
        Map<String, Boolean> values = new LinkedHashMap<>();
        node.properties()
                .forEach(value -> values.put(value.getKey(), value.getValue().asBoolean()));
        return values;
    }

    private static Map<String, Boolean> listed(JsonNode node) {
        Map<String, Boolean> values = new LinkedHashMap<>();
        node.forEach(value -> values.put(value.isNull() ? "" : value.textValue(), true));
        return values;
    }

    /**
     * The same.
     *
     * @throws EngineError.BadParameter {@code invalid filter 'x'} for any other key
     */
    public Filters only(Set<String> known) {
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                throw new EngineError.BadParameter("invalid filter '" + key + "'");
            }
        }
        return this;
    }

    /** Whether the key is there, with values or without. */
    public boolean isGiven(String key) {
        return values.containsKey(key);
    }

    public boolean has(String key) {
        return !given(key).isEmpty();
    }

    public List<String> get(String key) {
        return List.copyOf(given(key));
    }

    private Set<String> given(String key) {
        return values.getOrDefault(key, Map.of()).keySet();
    }

    /**
     * What a key says that is true or false; empty when it is not there.
     *
     * @throws EngineError.BadParameter when it says neither or both
     */
    public Optional<Boolean> truth(String key) {
        if (!isGiven(key)) {
            return Optional.empty();
        }
        boolean wanted = isTrue(key, "1") || isTrue(key, "true");
        boolean unwanted = isTrue(key, "0") || isTrue(key, "false");
        if (wanted == unwanted) {
            String given = has(key) ? "=[" + String.join(" ", get(key)) + "]" : "";
            throw new EngineError.BadParameter("invalid filter '" + key + given + "'");
        }
        return Optional.of(wanted);
    }

    private boolean isTrue(String key, String value) {
        return values.get(key).getOrDefault(value, false);
    }

    /** Whether {@code value} is one of the key's values. */
    public boolean exact(String key, String value) {
        return !has(key) || given(key).contains(value);
    }

    /** Whether {@code value} starts with one of the key's values. */
    public boolean prefix(String key, String value) {
        return !has(key) || (value != null && given(key).stream().anyMatch(value::startsWith));
    }

    /** Whether each value, {@code name} or {@code name=value}, is among the labels. */
    public boolean labels(String key, Map<String, String> labels) {
        return given(key).stream().allMatch(wanted -> {
            int equals = wanted.indexOf('=');
            String name = equals < 0 ? wanted : wanted.substring(0, equals);
            String value = labels.get(name);
            return value != null && (equals < 0 || value.equals(wanted.substring(equals + 1)));
        });
    }
}
