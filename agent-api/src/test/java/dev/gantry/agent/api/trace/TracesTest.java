package dev.gantry.agent.api.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TracesTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";
    private static final String TOLD = "00-" + TRACE + "-" + PARENT + "-01";

    private final InMemorySpanExporter ended = InMemorySpanExporter.create();
    private final SdkTracerProvider provider = SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(ended))
            .build();
    private final Traces traces = new Traces(provider.get("test"));
    private final Traces off = new Traces(null);

    @AfterEach
    void close() {
        provider.close();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473X-00f067aa0ba902b7-01"
            })
    void a_client_without_a_trace_gets_a_new_one(String told) {
        Traces.end(traces.begin("gateway", told, "r1"), 204);

        SpanData span = only();
        assertEquals(SpanId.getInvalid(), span.getParentSpanId());
        assertNotEquals(TRACE, span.getTraceId());
    }

    @Test
    void a_clients_trace_is_gone_on_with() {
        Traces.end(traces.begin("gateway", TOLD, "r1"), 204);

        SpanData span = only();
        assertEquals(TRACE, span.getTraceId());
        assertEquals(PARENT, span.getParentSpanId());
        assertEquals(SpanKind.SERVER, span.getKind());
        assertEquals(Traces.NO_OPERATION, span.getName());
        assertEquals(
                Map.of("gantry.part", "gateway", "gantry.request_id", "r1", "http.response.status_code", 204L),
                attributes(span));
        assertEquals(StatusCode.UNSET, span.getStatus().getStatusCode());
    }

    @Test
    void a_client_can_leave_its_requests_out() {
        assertFalse(traces.begin("gateway", TOLD.replaceFirst("1$", "0"), "r1").isRecording());
    }

    @Test
    void what_failed_is_an_error() {
        Traces.end(traces.begin("gateway", null, "r1"), 503);

        assertEquals(StatusCode.ERROR, only().getStatus().getStatusCode());
    }

    @Test
    void the_next_part_is_told_of_the_span_and_of_nothing_else() {
        Span span = traces.begin("gateway", TOLD, "r1");
        Map<String, String> headers = new HashMap<>();

        Traces.tell(span, headers::put);
        Traces.tell(Span.getInvalid(), (name, value) -> headers.put("invalid", value));

        assertEquals(
                Map.of(
                        "traceparent",
                        "00-" + TRACE + "-" + span.getSpanContext().getSpanId() + "-01"),
                headers);
    }

    @Test
    void facts_without_a_trace_make_none() {
        assertFalse(traces.react("network-service", "channel", null, "r1").isRecording());
        assertFalse(traces.react("network-service", "channel", "nonsense", "r1").isRecording());
        traces.react("network-service", "channel", TOLD, "r1").end();

        SpanData span = only();
        assertEquals("channel", span.getName());
        assertEquals(SpanKind.CONSUMER, span.getKind());
        assertEquals(TRACE, span.getTraceId());
    }

    @Test
    void nothing_is_made_while_they_are_off() {
        Span span = off.begin("gateway", TOLD, "r1");
        Span reaction = off.react("network-service", "channel", TOLD, "r1");

        assertFalse(span.getSpanContext().isValid());
        assertFalse(reaction.getSpanContext().isValid());
    }

    @Test
    void requests_of_a_trace_are_served_in_it_under_the_name_of_their_route() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            Router router = Router.router(vertx);
            router.route().handler(context -> {
                traces.serve(context, "agent", "r1");
                context.next();
            });
            router.post("/things/:id/start")
                    .handler(context -> context.response().setStatusCode(204).end());
            router.get("/broken/:id")
                    .handler(context -> context.response().setStatusCode(500).end());
            HttpClient client = vertx.createHttpClient();
            int port = await(vertx.createHttpServer().requestHandler(router).listen(0))
                    .actualPort();

            ask(client, port, HttpMethod.POST, "/things/secret/start?password=secret", null);
            ask(client, port, HttpMethod.POST, "/things/secret/start", "nonsense");
            ask(client, port, HttpMethod.POST, "/things/secret/start?password=secret", TOLD);
            ask(client, port, HttpMethod.GET, "/broken/secret", TOLD);
            ask(client, port, HttpMethod.GET, "/nowhere/secret", TOLD);

            Instant end = Instant.now().plus(Duration.ofSeconds(10));
            while (ended.getFinishedSpanItems().size() < 3 && Instant.now().isBefore(end)) {
                Thread.sleep(5);
            }
            List<SpanData> spans = ended.getFinishedSpanItems();
            assertEquals(
                    Set.of("POST /things/{id}/start 204", "GET /broken/{id} 500", "none 404"),
                    spans.stream()
                            .map(span -> span.getName() + " " + attributes(span).get("http.response.status_code"))
                            .collect(Collectors.toSet()));
            assertEquals(3, spans.size());
            for (SpanData span : spans) {
                assertEquals(TRACE, span.getTraceId());
                assertEquals(PARENT, span.getParentSpanId());
                assertFalse(span.toString().contains("secret"), span::toString);
            }
        } finally {
            await(vertx.close());
        }
    }

    private static void ask(HttpClient client, int port, HttpMethod method, String uri, String told) throws Exception {
        await(client.request(method, port, "localhost", uri)
                .onSuccess(request -> {
                    MultiMap headers = request.headers();
                    if (told != null) {
                        headers.set(Traces.HEADER, told);
                    }
                })
                .compose(HttpClientRequest::send)
                .compose(HttpClientResponse::end));
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
    }

    private SpanData only() {
        assertEquals(1, ended.getFinishedSpanItems().size());
        assertTrue(ended.getFinishedSpanItems().getFirst().hasEnded());
        return ended.getFinishedSpanItems().getFirst();
    }

    private static Map<String, Object> attributes(SpanData span) {
        Map<String, Object> all = new HashMap<>();
        span.getAttributes().forEach((AttributeKey<?> key, Object value) -> all.put(key.getKey(), value));
        return all;
    }
}
