package dev.gantry.service.outbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.principal.Actor;
import dev.gantry.service.fact.CloudEvent;
import dev.gantry.service.fact.Fact;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A fact as text of a size that every broker takes, decided before it is stored: brokers refuse messages of more than a
 * mebibyte, a container may have labels of more. What is too large is shortened, longest first, and says so in the
 * attribute {@link #SHORTENED}: the short attributes, such as name and exit code, are what consumers react to.
 */
final class FittingEvent {
    /** Name of the attribute that says what is shortened or missing. */
    static final String SHORTENED = "dev.gantry.shortened";

    /** Bytes of JSON; leaves a broker's default limit room for key and headers. */
    static final int LARGEST = 768 * 1024;

    private static final int LARGEST_ATTRIBUTES = 256 * 1024;
    private static final int LARGEST_DETAIL = 256 * 1024;
    private static final int LONGEST_TEXT = 4 * 1024;

    private static final int BYTES_OF_A_CHARACTER = 3;

    private final ObjectMapper json;
    private final String source;

    FittingEvent(ObjectMapper json, String source) {
        this.json = json;
        this.source = source;
    }

    String of(Fact fact) {
        String whole = text(CloudEvent.of(source, Actor.current(), fact));
        boolean fits = whole.length() <= LARGEST / BYTES_OF_A_CHARACTER || bytes(whole) <= LARGEST;
        return fits ? whole : text(CloudEvent.of(source, Actor.current(), shortened(fact)));
    }

    /** Of an event that a broker with a lower limit refused: all that consumers cannot do without. */
    static String least(String event) {
        JsonObject whole = new JsonObject(event);
        JsonObject data = whole.getJsonObject("data");
        if (data != null) {
            data.put("action", cut(data.getString("action", "")));
            data.put("attributes", new JsonObject().put(SHORTENED, "all attributes"));
            data.remove("detail");
        }
        return whole.encode();
    }

    private Fact shortened(Fact fact) {
        Map<String, String> attributes = attributes(fact.attributes());
        String action = cut(fact.action());
        JsonNode detail = detail(fact.detail());
        List<String> less = new ArrayList<>();
        long changed = fact.attributes().entrySet().stream()
                .filter(entry -> !entry.getValue().equals(attributes.get(entry.getKey())))
                .count();
        if (changed > 0) {
            less.add(changed + " of " + fact.attributes().size() + " attributes");
        }
        if (!action.equals(fact.action())) {
            less.add("the action");
        }
        if (detail != fact.detail()) {
            less.add("the detail");
        }
        attributes.put(SHORTENED, String.join(", ", less));
        return new Fact(fact.id(), fact.noun(), action, fact.subject(), fact.at(), attributes, fact.hostId(), detail);
    }

    private Map<String, String> attributes(Map<String, String> all) {
        List<Map.Entry<String, String>> shortestFirst = new ArrayList<>(all.entrySet());
        shortestFirst.sort(Comparator.comparingInt(FittingEvent::length));
        Map<String, String> kept = new LinkedHashMap<>();
        int room = LARGEST_ATTRIBUTES;
        for (Map.Entry<String, String> entry : shortestFirst) {
            String value = cut(entry.getValue());
            room -= bytes(text(entry.getKey())) + bytes(text(value));
            if (room >= 0) {
                kept.put(entry.getKey(), value);
            }
        }
        return kept;
    }

    private static int length(Map.Entry<String, String> attribute) {
        return attribute.getKey().length() + attribute.getValue().length();
    }

    private JsonNode detail(JsonNode detail) {
        return detail != null && bytes(text(detail)) > LARGEST_DETAIL ? null : detail;
    }

    /** Never between the halves of a surrogate pair. */
    private static String cut(String text) {
        if (text.length() <= LONGEST_TEXT) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(LONGEST_TEXT - 1)) ? LONGEST_TEXT - 1 : LONGEST_TEXT;
        return text.substring(0, end) + "…";
    }

    private static int bytes(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : BYTES_OF_A_CHARACTER;
        }
        return bytes;
    }

    private String text(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
