package dev.gantry.agent.api.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.testing.trace.TestSpanData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SpanSenderTest {
    private static final long TIMEOUT_MILLIS = 500;
    private static final int PATIENCE_SECONDS = 15;
    private static final SpanData SPAN = TestSpanData.builder()
            .setName("POST /containers/{id}/start")
            .setKind(SpanKind.SERVER)
            .setStatus(StatusData.unset())
            .setStartEpochNanos(1)
            .setEndEpochNanos(2)
            .setHasEnded(true)
            .build();

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void stop() throws Exception {
        await(vertx.close());
    }

    @Test
    void spans_are_posted_where_receivers_expect_them() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        SpanSender sender = sender("/base/", request -> request.body().onSuccess(body -> {
            seen.add(request.method() + " " + request.path() + " " + request.getHeader("Content-Type") + " "
                    + body.toString("ISO-8859-1").contains("POST /containers/{id}/start"));
            request.response().end();
        }));

        assertTrue(taken(sender));
        assertTrue(taken(sender));
        assertEquals("POST /base/v1/traces application/x-protobuf true", seen.poll());
    }

    @Test
    void a_receiver_that_is_not_there_loses_them() {
        assertFalse(taken(new SpanSender(vertx, URI.create("http://127.0.0.1:1"), TIMEOUT_MILLIS)));
    }

    @Test
    void a_receiver_that_refuses_is_asked_once() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        SpanSender sender = sender("", request -> {
            seen.add(request.path());
            request.response().setStatusCode(503).end();
        });

        assertFalse(taken(sender));
        assertEquals(1, seen.size());
    }

    @Test
    void a_receiver_that_does_not_answer_is_given_up() throws Exception {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        SpanSender sender = sender("", request -> request.connection().closeHandler(gone::complete));

        assertFalse(taken(sender));
        gone.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** It would fill the heap of a process that listened to it. */
    @Test
    void a_receiver_whose_answer_does_not_end_is_left() throws Exception {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        SpanSender sender = sender("", request -> {
            request.connection().closeHandler(gone::complete);
            HttpServerResponse response = request.response().setChunked(true);
            response.drainHandler(_ -> flood(response));
            flood(response);
        });

        assertTrue(taken(sender));
        gone.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertTrue(taken(sender), "there is a connection for the next");
    }

    private static void flood(HttpServerResponse response) {
        while (!response.closed() && !response.writeQueueFull()) {
            response.write(Buffer.buffer(new byte[1 << 16]));
        }
    }

    @Test
    void a_receiver_that_speaks_something_else_loses_them() throws Exception {
        int port = await(vertx.createNetServer()
                        .connectHandler(socket -> socket.write("x".repeat(100_000)))
                        .listen(0, "127.0.0.1"))
                .actualPort();

        assertFalse(taken(new SpanSender(vertx, URI.create("http://127.0.0.1:" + port), TIMEOUT_MILLIS)));
    }

    private SpanSender sender(String path, Handler<HttpServerRequest> receiver) throws Exception {
        HttpServer server =
                await(vertx.createHttpServer().requestHandler(receiver).listen(0, "127.0.0.1"));
        return new SpanSender(vertx, URI.create("http://127.0.0.1:" + server.actualPort() + path), TIMEOUT_MILLIS);
    }

    private static boolean taken(SpanSender sender) {
        CompletableResultCode result = sender.export(List.of(SPAN));
        result.join(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertTrue(result.isDone(), "it is still waited for");
        return result.isSuccess();
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
