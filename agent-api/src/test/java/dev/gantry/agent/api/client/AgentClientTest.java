package dev.gantry.agent.api.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.testing.FreePort;
import dev.gantry.agent.api.trace.Traces;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Scope;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class AgentClientTest {
    private static final int LOG = 20 * 1024 * 1024;

    @TempDir
    Path directory;

    private Vertx vertx;
    private AgentClient client;
    private volatile boolean alive;
    private String agent;
    private final CompletableFuture<Void> followerLeft = new CompletableFuture<>();

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        client = new AgentClient(vertx, null, new ObjectMapper());
        Path socket = directory.resolve("agent.sock");
        agent = "unix://" + socket;
        await(vertx.createHttpServer()
                .requestHandler(this::agent)
                .listen(SocketAddress.domainSocketAddress(socket.toString())));
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        await(vertx.close());
    }

    private void agent(HttpServerRequest request) {
        switch (request.path()) {
            case "/v1/alive" -> {
                if (alive) {
                    request.response().setStatusCode(404).end();
                }
            }
            case "/v1/echo" -> request.body().onSuccess(request.response()::end);
            case "/v1/operation" ->
                request.response()
                        .end("\"" + request.getHeader(AgentProtocol.OPERATION_HEADER) + "/"
                                + request.getHeader(AgentProtocol.REQUEST_ID_HEADER) + "\"");
            case "/v1/trace" -> request.response().end("\"" + request.getHeader(Traces.HEADER) + "\"");
            case "/v1/nothing" -> request.response().setStatusCode(204).end();
            case "/v1/refused" ->
                request.response()
                        .setStatusCode(409)
                        .end("{\"code\":\"CONFLICT\",\"message\":\"container is paused\"}");
            case "/v1/broken" -> request.response().setStatusCode(500).end("<html>");
            case "/v1/log" ->
                request.response()
                        .putHeader("Content-Type", "application/vnd.docker.multiplexed-stream")
                        .end(Buffer.buffer(new byte[LOG]));
            case "/v1/cut" ->
                request.response().setChunked(true).write("first\n").onSuccess(sent -> request.connection()
                        .close());
            case "/v1/follow" -> {
                request.response().setChunked(true).write("first\n");
                request.response().closeHandler(followerLeft::complete);
            }
            default -> {
                // Never answers.
            }
        }
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
    }

    private static AgentFailure failure(Future<?> future) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> await(future));
        return assertInstanceOf(AgentFailure.class, failure.getCause());
    }

    @Test
    void bodies_are_json_both_ways() throws Exception {
        ContainerOperations.Size sent = new ContainerOperations.Size(7, 11);

        assertEquals(sent, await(client.call(AgentCall.post(agent, "/echo", sent), ContainerOperations.Size.class)));
    }

    /** The head of an answer may have come and gone before the thread that asked looks for it. */
    @Test
    void answers_are_read_however_late_the_asking_thread_is() throws Exception {
        ContainerOperations.Size sent = new ContainerOperations.Size(7, 11);
        for (int i = 0; i < 3_000; i++) {
            AgentClient fresh = new AgentClient(vertx, null, new ObjectMapper());
            assertEquals(sent, await(fresh.call(AgentCall.post(agent, "/echo", sent), ContainerOperations.Size.class)));
            fresh.close();
        }
    }

    @Test
    void ids_travel_in_headers() throws Exception {
        AgentCall call = AgentCall.get(agent, "/operation").withOperation("op");
        MDC.put(AgentProtocol.REQUEST_ID_LOG_KEY, "request");
        try {
            assertEquals("op/request", await(client.call(call, String.class)));
        } finally {
            MDC.remove(AgentProtocol.REQUEST_ID_LOG_KEY);
        }
    }

    @Test
    void the_span_of_the_caller_is_told_if_there_is_one() throws Exception {
        AgentCall call = AgentCall.get(agent, "/trace");
        SpanContext span = SpanContext.create(
                "4bf92f3577b34da6a3ce929d0e0e4736",
                "00f067aa0ba902b7",
                TraceFlags.getSampled(),
                TraceState.builder().put("vendor", "secret").build());

        assertEquals("null", await(client.call(call, String.class)));
        try (Scope _ = Span.wrap(span).makeCurrent()) {
            assertEquals(
                    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", await(client.call(call, String.class)));
        }
    }

    @Test
    void answer_without_content_is_null() throws Exception {
        assertNull(await(client.call(AgentCall.delete(agent, "/nothing"), String.class)));
    }

    @Test
    void refusal_keeps_its_code_and_message() {
        AgentFailure failure = failure(client.call(AgentCall.get(agent, "/refused")));

        assertEquals(AgentFailure.Code.CONFLICT, failure.code());
        assertEquals("container is paused", failure.getMessage());
    }

    @Test
    void answer_that_is_no_agents_is_internal_and_stays_in_the_log() {
        AgentFailure failure = failure(client.call(AgentCall.get(agent, "/broken")));

        assertEquals(AgentFailure.Code.INTERNAL, failure.code());
        assertEquals("the agent answered with status 500", failure.getMessage());
    }

    @Test
    void missing_agent_is_unreachable() throws Exception {
        int closed = FreePort.next();

        for (String address : new String[] {"unix://" + directory.resolve("none"), "http://127.0.0.1:" + closed}) {
            AgentFailure failure = failure(client.call(AgentCall.get(address, "/echo")));
            assertEquals(AgentFailure.Code.UNREACHABLE, failure.code());
            assertEquals("the host's agent cannot be reached", failure.getMessage());
        }
    }

    @Test
    void silent_agent_is_unreachable_after_the_timeout() {
        AgentCall call = AgentCall.of(agent, HttpMethod.GET, "/silent").withTimeout(Duration.ofMillis(100));

        assertEquals(AgentFailure.Code.UNREACHABLE, failure(client.call(call)).code());
    }

    @Test
    void request_to_an_agent_that_is_frozen_ends_long_before_its_timeout() {
        AgentCall call = AgentCall.of(agent, HttpMethod.GET, "/silent").withTimeout(null);

        AgentFailure failure = failure(client.call(call));

        assertEquals(AgentFailure.Code.UNREACHABLE, failure.code());
        assertTrue(failure.getMessage().contains("has not answered for"), failure.getMessage());
    }

    @Test
    void request_to_an_agent_that_is_busy_waits_on() throws Exception {
        alive = true;
        Future<Void> call = silent();

        awaitThatASilentAgentIsGivenUp();

        assertFalse(call.isComplete());
    }

    @Test
    void as_many_calls_as_there_are_connections_do_not_make_an_agent_look_gone() throws Exception {
        alive = true;
        List<Future<Void>> calls =
                Stream.generate(this::silent).limit(AgentClient.CONNECTIONS + 1).toList();

        awaitThatASilentAgentIsGivenUp();

        assertTrue(calls.stream().noneMatch(Future::isComplete));
    }

    private Future<Void> silent() {
        return client.call(AgentCall.of(agent, HttpMethod.GET, "/silent").withTimeout(null));
    }

    /** Another that is watched since later than all that are under way: they would have been given up before. */
    private void awaitThatASilentAgentIsGivenUp() throws Exception {
        CompletableFuture<AgentFailure> other = new CompletableFuture<>();
        Path stopped = directory.resolve("stopped.sock");
        await(vertx.createHttpServer()
                .requestHandler(request -> {})
                .listen(SocketAddress.domainSocketAddress(stopped.toString())));
        client.pulse().watch("unix://" + stopped, AgentClient.PATIENCE, other::complete);
        other.get(15, TimeUnit.SECONDS);
    }

    private int service(String path) throws Exception {
        return await(vertx.createHttpServer()
                        .requestHandler(request -> client.pass(AgentCall.get(agent, path), request.response())
                                .onFailure(failure ->
                                        request.response().setStatusCode(502).end()))
                        .listen(0, "127.0.0.1"))
                .actualPort();
    }

    @Test
    void long_answer_passes_through() throws Exception {
        int port = service("/log");

        Buffer body = await(vertx.createHttpClient()
                .request(HttpMethod.GET, port, "127.0.0.1", "/")
                .compose(request -> request.send())
                .compose(response -> {
                    assertEquals("application/vnd.docker.multiplexed-stream", response.getHeader("Content-Type"));
                    return response.body();
                }));

        assertEquals(LOG, body.length());
    }

    @Test
    void answer_that_breaks_off_is_no_whole_one() throws Exception {
        int port = service("/cut");

        Future<Buffer> body = vertx.createHttpClient()
                .request(HttpMethod.GET, port, "127.0.0.1", "/")
                .compose(request -> request.send())
                .compose(response -> response.body());

        assertThrows(ExecutionException.class, () -> await(body));
    }

    @Test
    void refusal_leaves_the_client_unanswered() throws Exception {
        int port = service("/refused");

        int status = await(vertx.createHttpClient()
                .request(HttpMethod.GET, port, "127.0.0.1", "/")
                .compose(request -> request.send())
                .map(response -> response.statusCode()));

        assertEquals(502, status);
    }

    @Test
    void agent_learns_that_the_client_left() throws Exception {
        int port = service("/follow");

        await(vertx.createHttpClient()
                .request(HttpMethod.GET, port, "127.0.0.1", "/")
                .compose(request -> request.send())
                .compose(response -> {
                    io.vertx.core.Promise<Void> first = io.vertx.core.Promise.promise();
                    response.handler(chunk -> {
                        response.request().reset();
                        first.tryComplete();
                    });
                    return first.future();
                }));

        followerLeft.get(10, TimeUnit.SECONDS);
    }
}
