package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Requests are followed from the gateway to the agent. Of all other tests the receiver of traces is away. */
interface Traced {
    Set<String> ATTRIBUTES = Set.of("gantry.part", "gantry.request_id", "http.response.status_code");

    /** Started with {@link #settings}. */
    Instance instance();

    /** Where it sends spans to. */
    int spanPort();

    /** @param port where the receiver of spans will listen */
    static Map<String, String> settings(int port) {
        return Map.of(
                "gantry.traces.endpoint",
                "http://127.0.0.1:" + port,
                // So that no test waits for the five seconds that they are gathered otherwise.
                "quarkus.otel.bsp.schedule.delay",
                "100ms");
    }

    @Test
    default void a_run_is_followed_from_the_gateway_to_the_agent() throws IOException {
        try (SpanReceiver receiver = SpanReceiver.at(spanPort());
                Docker docker = instance().docker()) {
            String name = docker.name("followed");
            assertEquals("hi", docker.ok("run", "--rm", "--name", name, Images.BUSYBOX, "echo", "hi"));

            followed(receiver, "POST /containers/create", "PUT /v1/containers/{id}");
            followed(receiver, "POST /containers/{id}/start", "POST /v1/containers/{id}/start");
            followed(receiver, "POST /containers/{id}/attach", "POST /v1/containers/{id}/attach");
            // Of a start it is not certain who tells the fact: the request, or the host's report, which has no trace.
            awaitSpans(receiver, "POST /containers/create", "network-service network-service-containers");
            if (instance().topology() == Topology.SEPARATE) {
                Docker.await("the span between services", () -> of(receiver, "POST /containers/{id}/start")
                        .anyMatch(span -> span.name().contains("/internal/network-service/")));
            }
            for (SpanReceiver.Received span : receiver.spans()) {
                assertTrue(ATTRIBUTES.containsAll(span.attributes().keySet()), span::whole);
                assertFalse(span.whole().contains(name), span::whole);
            }
        }
    }

    /** @param spans part and name of each */
    private static void awaitSpans(SpanReceiver receiver, String operation, String... spans) {
        Set<String> wanted = Set.of(spans);
        Docker.await("spans of " + operation, wanted, () -> of(receiver, operation)
                .map(span -> span.part() + " " + span.name())
                .filter(wanted::contains)
                .collect(Collectors.toSet()));
    }

    /** Gateway, container-service and agent, each called by the one before, for one request. */
    private static void followed(SpanReceiver receiver, String operation, String onHost) {
        awaitSpans(receiver, operation, "gateway " + operation, "container-service " + operation, "agent " + onHost);
        List<SpanReceiver.Received> spans = of(receiver, operation).toList();
        SpanReceiver.Received gateway = one(spans, "gateway", operation);
        SpanReceiver.Received service = one(spans, "container-service", operation);
        assertEquals("", gateway.parent());
        assertEquals(gateway.id(), service.parent());
        // A host that does not know the network yet is asked twice.
        spans.stream()
                .filter(span -> span.name().equals(onHost))
                .forEach(span -> assertEquals(service.id(), span.parent(), span::whole));
        String id = gateway.attributes().get("gantry.request_id");
        assertTrue(id.matches("[0-9a-f]{16}"), id);
        spans.forEach(span -> assertEquals(id, span.attributes().get("gantry.request_id"), span::whole));
    }

    private static SpanReceiver.Received one(List<SpanReceiver.Received> spans, String part, String name) {
        List<SpanReceiver.Received> found = spans.stream()
                .filter(span -> span.part().equals(part) && span.name().equals(name))
                .toList();
        assertEquals(1, found.size(), found::toString);
        return found.getFirst();
    }

    /** The spans of the trace that began with that operation, none while it is not known. */
    private static Stream<SpanReceiver.Received> of(SpanReceiver receiver, String operation) {
        Optional<SpanReceiver.Received> first = receiver.spans().stream()
                .filter(span -> span.part().equals("gateway") && span.name().equals(operation))
                .findFirst();
        return receiver.spans().stream()
                .filter(span ->
                        first.isPresent() && span.trace().equals(first.get().trace()));
    }
}
