package dev.gantry.service.fact;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * Something that happened to one object, written into an outbox in the transaction that made it so and published later.
 *
 * @param id stable over every redelivery; consumers drop repeats by it
 * @param noun {@code container}, {@code image}, {@code network}, {@code volume} or {@code host}; the topic is
 *     {@code gantry.<noun>s}
 * @param action Docker's word for it, such as {@code start} or {@code exec_create: sh}; the CloudEvents type is
 *     {@code dev.gantry.<noun>.<action up to a colon>}
 * @param subject id of the object, also the message key; empty where there is none
 * @param attributes what {@code docker events} shows as {@code Actor.Attributes}
 * @param hostId the host concerned, or empty
 * @param detail more, for consumers that react to it; may be null
 */
public record Fact(
        UUID id,
        String noun,
        String action,
        String subject,
        Instant at,
        Map<String, String> attributes,
        String hostId,
        JsonNode detail) {

    public static Fact of(String noun, String action, String subject, Map<String, String> attributes, String hostId) {
        return new Fact(UUID.randomUUID(), noun, action, subject, Instant.now(), attributes, hostId, null);
    }

    /**
     * Of all objects of a noun rather than of one, so without a subject.
     *
     * @param reclaimed bytes
     */
    public static Fact pruned(String noun, long reclaimed) {
        return of(noun, "prune", "", Map.of("reclaimed", Long.toString(reclaimed)), "");
    }

    public Fact at(Instant moment) {
        return new Fact(id, noun, action, subject, moment, attributes, hostId, detail);
    }

    public Fact with(JsonNode more) {
        return new Fact(id, noun, action, subject, at, attributes, hostId, more);
    }

    public String topic() {
        return "gantry." + noun + "s";
    }
}
