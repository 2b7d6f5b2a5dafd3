package dev.gantry.gateway.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.stream.StreamProxy;
import dev.gantry.agent.api.stream.Target;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class RemoteOwnerTest {
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void an_answer_is_passed_on() throws Exception {
        assertEquals("whole", await(answer("/whole")).toString());
    }

    /** As when the owner dies. */
    @Test
    void an_answer_that_breaks_off_is_no_whole_one() {
        assertThrows(ExecutionException.class, () -> await(answer("/cut")));
    }

    private static void owner(HttpServerRequest request) {
        if (request.path().equals("/whole")) {
            request.response().setChunked(true).end("whole");
        } else {
            request.response().setChunked(true).write("first").onSuccess(sent -> request.connection()
                    .close());
        }
    }

    private Future<Buffer> answer(String path) throws Exception {
        int owner = await(vertx.createHttpServer()
                        .requestHandler(RemoteOwnerTest::owner)
                        .listen(0, "127.0.0.1"))
                .actualPort();
        RemoteOwner remote = new RemoteOwner(
                "the owner",
                Target.parse("http://127.0.0.1:" + owner),
                vertx.createHttpClient(),
                new StreamProxy(vertx, null));
        Route route = Routes.find("GET", "/containers/x/logs").orElseThrow();
        int gateway = await(vertx.createHttpServer()
                        .requestHandler(request -> remote.forward(route, new HandedOver(request, path, null)))
                        .listen(0, "127.0.0.1"))
                .actualPort();
        return vertx.createHttpClient()
                .request(HttpMethod.GET, gateway, "127.0.0.1", "/")
                .compose(request -> request.send())
                .compose(response -> response.body());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
    }
}
