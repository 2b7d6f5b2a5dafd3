package dev.gantry.service.fact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.trace.Traces;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Scope;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class FactListenerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ObjectMapper json = new ObjectMapper();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final StandingStill standingStill = new StandingStill();
    private final FactListener listener = new FactListener(json, meters, standingStill, new Traces(null));
    private final List<String> seen = new ArrayList<>();

    @Test
    void a_fact_is_reacted_to() throws Exception {
        take(json.writeValueAsString(CloudEvent.of("test", null, Fact.of("container", "die", "c1", Map.of(), "h"))));

        assertEquals(List.of("dev.gantry.container.die c1"), seen);
    }

    @Test
    void a_fact_tells_of_the_span_and_the_request_that_it_comes_of() throws Exception {
        Fact fact = Fact.of("container", "start", "c1", Map.of(), "h");
        Span span = Span.wrap(SpanContext.create(
                "4bf92f3577b34da6a3ce929d0e0e4736",
                "00f067aa0ba902b7",
                TraceFlags.getSampled(),
                TraceState.getDefault()));
        MDC.put(AgentProtocol.REQUEST_ID_LOG_KEY, "r1");
        try (Scope _ = span.makeCurrent()) {
            CloudEvent event = CloudEvent.parse(json, json.writeValueAsString(CloudEvent.of("test", null, fact)));
            assertEquals("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", event.traceparent());
            assertEquals("r1", event.requestid());
        }
        try {
            String text = json.writeValueAsString(CloudEvent.of("test", null, fact));
            assertFalse(text.contains("traceparent") || text.contains("requestid"), text);
        } finally {
            MDC.remove(AgentProtocol.REQUEST_ID_LOG_KEY);
        }
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "null", "no JSON", "[]", "{}", "\"text\"", "{\"data\":7}"})
    void a_record_that_is_no_fact_is_skipped_and_counted(String text) {
        assertSkipped(text);
    }

    /** Each is a fact but for the one place that is put in. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/id | \"1\"",
                "/id | 7",
                "/type | null",
                "/subject | null",
                "/subject | [\"c1\"]",
                "/subject | \"a\\u0000b\"",
                "/actor | \"\\u0000\"",
                "/actor | \"root\"",
                "/time | \"yesterday\"",
                "/time | \"+1000000000-12-31T23:59:59Z\"",
                "/time | \"1969-01-01T00:00:00Z\"",
                "/data | null",
                "/data | \"text\"",
                "/data/noun | null",
                "/data/action | {}",
                "/data/host | \"\\u0000\"",
                "/data/attributes | \"text\"",
                "/data/attributes | {\"name\":null}",
                "/data/attributes | {\"name\":\"\\u0000\"}",
                "/data/attributes | {\"\\u0000\":\"name\"}",
                "/data/detail | {\"chains\":[\"\\u0000\"]}",
                "/data/detail | {\"\\u0000\":1}",
                "/data/detail | 1e999"
            })
    void a_fact_that_lacks_something_or_could_never_be_stored_is_skipped_and_counted(String place, String value)
            throws Exception {
        ObjectNode fact = (ObjectNode) json.readTree(
                json.writeValueAsString(CloudEvent.of("test", null, Fact.of("container", "die", "c1", Map.of(), "h"))));
        int slash = place.lastIndexOf('/');
        ((ObjectNode) fact.at(place.substring(0, slash))).putRawValue(place.substring(slash + 1), new RawValue(value));

        assertSkipped(json.writeValueAsString(fact));
    }

    @Test
    void a_fact_of_what_no_index_takes_is_skipped_and_counted() throws Exception {
        assertSkipped(json.writeValueAsString(
                CloudEvent.of("test", null, Fact.of("container", "die", "c".repeat(3000), Map.of(), "h"))));
    }

    @Test
    void a_fact_without_attributes_has_none() throws Exception {
        take("{\"id\":\"7cf4bb0a-5d0b-4a3c-9f0e-0c9b8a1f5a52\",\"type\":\"t\",\"subject\":\"s\","
                + "\"time\":\"2026-01-01T00:00:00Z\",\"data\":{\"noun\":\"n\",\"action\":\"a\"}}");

        assertEquals(List.of("t s"), seen);
    }

    @Test
    void a_reaction_is_tried_until_it_succeeds_and_health_shows_it_meanwhile() {
        List<Status> health = new ArrayList<>();
        String done = listener.untilItSucceeds("test", "a fact", () -> {
                    health.add(healthInAMinute());
                    return health.size() < 3
                            ? Uni.createFrom().failure(new IllegalStateException("away"))
                            : Uni.createFrom().item("done");
                })
                .await()
                .atMost(PATIENCE);

        assertEquals("done", done);
        assertEquals(List.of(Status.UP, Status.DOWN, Status.DOWN), health);
        assertEquals(Status.UP, healthInAMinute());
        assertEquals(
                2, meters.counter("gantry.facts.retries", "channel", "test").count());
    }

    @Test
    void a_short_wait_is_no_standing_still() {
        assertTrue(standingStill.began("test", "a fact"));

        assertEquals(Status.UP, standingStill.call().getStatus());
    }

    private void assertSkipped(String text) {
        take(text);

        assertEquals(List.of(), seen);
        assertEquals(
                1, meters.counter("gantry.facts.unreadable", "channel", "test").count());
    }

    private Status healthInAMinute() {
        return standingStill.call(Instant.now().plusSeconds(60)).getStatus();
    }

    private void take(String text) {
        listener.take("test", new ConsumerRecord<>("gantry.containers", 0, 7, "key", text), fact -> {
                    seen.add(fact.type() + " " + fact.subject());
                    return Uni.createFrom().voidItem();
                })
                .await()
                .atMost(PATIENCE);
    }
}
