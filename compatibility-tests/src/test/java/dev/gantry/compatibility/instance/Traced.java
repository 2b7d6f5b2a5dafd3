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

            // Of a start it is not certain who tells the fact: the request, or the host's report, which has no trace.
            awaitSpans(receiver, "POST /containers/create", "PUT /v1/containers/{id}", "network-service-containers");
            awaitSpans(receiver, "POST /containers/{id}/start", "POST /v1/containers/{id}/start");
            awaitSpans(receiver, "POST /containers/{id}/attach", "POST /v1/containers/{id}/attach");

            followed(receiver, "POST /containers/create", "PUT /v1/containers/{id}");
            followed(receiver, "POST /containers/{id}/start", "POST /v1/containers/{id}/start");
            followed(receiver, "POST /containers/{id}/attach", "POST /v1/containers/{id}/attach");
            if (instance().topology() == Topology.SEPARATE) {
                assertTrue(of(receiver, "POST /containers/{id}/start")
                        .anyMatch(span -> span.name().contains("/internal/network-service/")));
            }
            for (SpanReceiver.Received span : receiver.spans()) {
                assertTrue(ATTRIBUTES.containsAll(span.attributes().keySet()), span::whole);
                assertFalse(span.whole().contains(name), span::whole);
            }
        }
    }

    private static void awaitSpans(SpanReceiver receiver, String operation, String... names) {
        Set<String> wanted = Set.of(names);
        Docker.await("spans of " + operation, wanted, () -> of(receiver, operation)
                .map(SpanReceiver.Received::name)
                .filter(wanted::contains)
                .collect(Collectors.toSet()));
    }

    /** Gateway, container-service and agent, each called by the one before, for one request. */
    private static void followed(SpanReceiver receiver, String operation, String onHost) {
        SpanReceiver.Received gateway = one(receiver, operation, "gateway", "");
        SpanReceiver.Received service = one(receiver, operation, "container-service", gateway.id());
        one(receiver, onHost, "agent", service.id());
        assertEquals(
                1,
                of(receiver, operation)
                        .map(span -> span.attributes().get("gantry.request_id"))
                        .collect(Collectors.toSet())
                        .size(),
                () -> "one request id: " + of(receiver, operation).toList());
        assertTrue(gateway.attributes().get("gantry.request_id").matches("[0-9a-f]{16}"), () -> gateway.attributes()
                .toString());
    }

    private static SpanReceiver.Received one(SpanReceiver receiver, String name, String part, String parent) {
        List<SpanReceiver.Received> found = receiver.spans().stream()
                .filter(span -> span.name().equals(name)
                        && span.part().equals(part)
                        && (span.parent().equals(parent)))
                .toList();
        assertEquals(1, found.size(), () -> name + " of " + part + " below " + parent + ": " + receiver.spans());
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
