package dev.gantry.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Map;

/**
 * An event as {@code GET /events} shows it.
 *
 * @param status the action once more, for containers and images only, as older clients read it; so are {@code id} and,
 *     for containers, {@code from}, the image
 * @param time seconds since 1970
 * @param timeNano nanoseconds since 1970
 */
@JsonPropertyOrder({"status", "id", "from", "Type", "Action", "Actor", "scope", "time", "timeNano"})
@JsonInclude(JsonInclude.Include.NON_NULL)
record EventMessage(
        String status,
        String id,
        String from,
        @JsonProperty("Type") String type,
        @JsonProperty("Action") String action,
        @JsonProperty("Actor") Actor actor,
        String scope,
        long time,
        long timeNano) {

    static final String SCOPE = "local";

    record Actor(@JsonProperty("ID") String id, @JsonProperty("Attributes") Map<String, String> attributes) {}

    static EventMessage of(LogEntry entry) {
        boolean container = entry.noun().equals("container");
        boolean legacy = container || entry.noun().equals("image");
        return new EventMessage(
                legacy ? entry.action() : null,
                legacy ? entry.subject() : null,
                container ? entry.attributes().get("image") : null,
                entry.noun(),
                entry.action(),
                new Actor(entry.subject(), entry.attributes()),
                SCOPE,
                Nanos.instant(entry.atNanos()).getEpochSecond(),
                entry.atNanos());
    }
}
