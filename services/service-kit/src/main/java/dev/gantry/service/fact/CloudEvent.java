package dev.gantry.service.fact;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.trace.Traces;
import dev.gantry.engine.principal.Principal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.MDC;

/**
 * A {@link Fact} as it is on the wire: CloudEvents 1.0, structured JSON mode.
 *
 * @param type {@code dev.gantry.<noun>.<action>}, for instance {@code dev.gantry.container.die}
 * @param subject id of the object concerned, the same as the message key
 * @param time RFC 3339, nanosecond precision
 * @param actor who asked for it, as {@link dev.gantry.engine.principal.Principal#text}; null when nobody did. An extension
 * @param traceparent the span that it was told in, by the extension Distributed Tracing; null when there is none
 * @param requestid of the request that it comes of, told with a span only
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CloudEvent(
        String specversion,
        String id,
        String source,
        String type,
        String subject,
        String time,
        String datacontenttype,
        String actor,
        String traceparent,
        String requestid,
        Data data) {

    /** Longer than any id, name or reference, and short enough to be indexed whole. */
    private static final int LONGEST_SUBJECT = 1024;

    /** Nanoseconds since 1970 have to fit into 63 bits. */
    private static final Instant LAST = Instant.EPOCH.plusNanos(Long.MAX_VALUE);

    /**
     * @param noun Docker's event {@code Type}
     * @param action Docker's event {@code Action}
     * @param host id of the host, or empty
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Data(String noun, String action, Map<String, String> attributes, String host, JsonNode detail) {
        public Data {
            attributes = attributes == null ? Map.of() : attributes;
        }
    }

    /** @param actor text of the principal who asked, or null */
    public static CloudEvent of(String source, String actor, Fact fact) {
        Map<String, String> trace = new HashMap<>();
        Traces.tell(trace::put);
        String traceparent = trace.get(Traces.HEADER);
        String word = fact.action().split(":", 2)[0].strip().toLowerCase(Locale.ROOT);
        return new CloudEvent(
                "1.0",
                fact.id().toString(),
                source,
                "dev.gantry." + fact.noun() + "." + word,
                fact.subject(),
                fact.at().toString(),
                "application/json",
                actor,
                traceparent,
                traceparent != null && MDC.get(AgentProtocol.REQUEST_ID_LOG_KEY) instanceof String id ? id : null,
                new Data(fact.noun(), fact.action(), fact.attributes(), fact.hostId(), fact.detail()));
    }

    /**
     * Reads a fact that every consumer can rely on: id and time are what they should be, nothing but host, attributes and
     * detail is missing, and there is nothing that a database can never store, which would be tried again for ever.
     *
     * @throws IllegalArgumentException when it is JSON, but no fact
     */
    public static CloudEvent parse(ObjectMapper json, String text) throws JsonProcessingException {
        CloudEvent event = text == null ? null : json.readValue(text, CloudEvent.class);
        if (event == null
                || event.id() == null
                || event.type() == null
                || event.subject() == null
                || event.time() == null
                || event.data() == null
                || event.data().noun() == null
                || event.data().action() == null) {
            throw new IllegalArgumentException("it is empty or lacks what every fact has");
        }
        UUID.fromString(event.id());
        requireTime(event.time());
        requireStorable(event);
        return event;
    }

    private static void requireTime(String text) {
        try {
            Instant time = Instant.parse(text);
            if (time.isBefore(Instant.EPOCH) || time.isAfter(LAST)) {
                throw new IllegalArgumentException("no time that nanoseconds can be counted to: " + text);
            }
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static void requireStorable(CloudEvent event) {
        requireText(event.type());
        requireText(event.subject());
        if (event.subject().length() > LONGEST_SUBJECT) {
            throw new IllegalArgumentException("its subject is too long for an id or a name");
        }
        if (event.actor() != null && Principal.parse(event.actor()).isEmpty()) {
            throw new IllegalArgumentException("its actor is no principal");
        }
        requireText(event.data().noun());
        requireText(event.data().action());
        if (event.data().host() != null) {
            requireText(event.data().host());
        }
        event.data().attributes().forEach((name, value) -> {
            requireText(name);
            requireText(value);
        });
        if (event.data().detail() != null) {
            requireStorable(event.data().detail());
        }
    }

    private static void requireStorable(JsonNode detail) {
        if (detail.isTextual()) {
            requireText(detail.textValue());
        } else if (detail.isDouble() && !Double.isFinite(detail.doubleValue())) {
            throw new IllegalArgumentException("a number in it is too large");
        }
        detail.fieldNames().forEachRemaining(CloudEvent::requireText);
        detail.forEach(CloudEvent::requireStorable);
    }

    private static void requireText(String text) {
        if (text == null || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a text in it is missing, or has a NUL character");
        }
    }
}
