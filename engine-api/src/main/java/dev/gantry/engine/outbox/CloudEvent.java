package dev.gantry.engine.outbox;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;

/**
 * A {@link Fact} as it is on the wire: CloudEvents 1.0, structured JSON mode.
 *
 * @param type {@code dev.gantry.<noun>.<action>}, for instance {@code dev.gantry.container.die}
 * @param subject id of the object concerned, the same as the message key
 * @param time RFC 3339, nanosecond precision
 */
public record CloudEvent(
        String specversion,
        String id,
        String source,
        String type,
        String subject,
        String time,
        String datacontenttype,
        Data data) {

    /**
     * @param noun Docker's event {@code Type}
     * @param action Docker's event {@code Action}
     * @param host id of the host, or empty
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Data(String noun, String action, Map<String, String> attributes, String host, JsonNode detail) {}

    static CloudEvent of(String source, Fact fact) {
        String word = fact.action().split(":", 2)[0].strip().toLowerCase(Locale.ROOT);
        return new CloudEvent(
                "1.0",
                fact.id().toString(),
                source,
                "dev.gantry." + fact.noun() + "." + word,
                fact.subject(),
                fact.at().toString(),
                "application/json",
                new Data(fact.noun(), fact.action(), fact.attributes(), fact.hostId(), fact.detail()));
    }
}
