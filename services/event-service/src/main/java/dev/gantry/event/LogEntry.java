package dev.gantry.event;

import dev.gantry.service.fact.CloudEvent;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * One event in the log.
 *
 * @param number position in the log, from 1 without gaps; 0 before it is stored
 * @param atNanos when it happened, in nanoseconds since 1970
 * @param attributes sorted by key
 * @param detail JSON, or null
 * @param actor who asked for it, or null
 */
record LogEntry(
        long number,
        UUID id,
        long atNanos,
        String noun,
        String action,
        String subject,
        String host,
        Map<String, String> attributes,
        String detail,
        String actor) {

    static LogEntry of(CloudEvent event) {
        CloudEvent.Data data = event.data();
        return new LogEntry(
                0,
                UUID.fromString(event.id()),
                Nanos.of(Instant.parse(event.time())),
                data.noun(),
                data.action(),
                event.subject(),
                data.host() == null ? "" : data.host(),
                data.attributes() == null ? Map.of() : new TreeMap<>(data.attributes()),
                data.detail() == null ? null : data.detail().toString(),
                event.actor());
    }

    LogEntry numbered(long given) {
        return new LogEntry(given, id, atNanos, noun, action, subject, host, attributes, detail, actor);
    }
}
