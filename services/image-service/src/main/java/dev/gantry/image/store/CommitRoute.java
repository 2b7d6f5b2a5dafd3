package dev.gantry.image.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.stream.BlockingBody;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.ErrorAnswer;
import dev.gantry.engine.image.Images;
import dev.gantry.service.work.Background;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;

/** {@link Images#commit} over HTTP: the first line of the body is the wish, the rest of it the layer. */
@ApplicationScoped
class CommitRoute {
    private static final int LONGEST_WISH = 16 << 20;
    private static final int BEFORE_REST = -10;

    private final CommitImage commit;
    private final Background background;
    private final ObjectMapper json;

    CommitRoute(CommitImage commit, Background background, ObjectMapper json) {
        this.commit = commit;
        this.background = background;
        this.json = json;
    }

    void register(@Observes Router router) {
        router.post("/internal/image-service/images/commit").order(BEFORE_REST).handler(this::serve);
    }

    private void serve(RoutingContext routing) {
        BlockingBody body = new BlockingBody("the layer", BlockingBody.WIDE);
        body.follow(routing.request(), () -> {});
        InputStream in = new BufferedInputStream(body, 1 << 16);
        CompletableFuture<Images.Commit> wish = new CompletableFuture<>();
        Thread.ofVirtual().name("image-commit").start(() -> {
            try {
                wish.complete(json.readValue(firstLine(in), Images.Commit.class));
            } catch (IOException | RuntimeException e) {
                wish.completeExceptionally(e);
            }
        });
        background
                .await(() -> Background.here(wish).chain(read -> commit.commit(read, in)))
                .subscribe()
                .with(
                        id -> answer(routing, id),
                        // With half a request on it, the connection is for the caller to close.
                        failure -> ErrorAnswer.send(routing.response(), failure));
    }

    private void answer(RoutingContext routing, String id) {
        routing.response()
                .putHeader("Content-Type", "application/json")
                .end(io.vertx.core.json.JsonObject.of("name", id).encode());
    }

    private static byte[] firstLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0 || line.size() == LONGEST_WISH) {
                throw new EngineError.BadParameter("no wish before the layer");
            }
            line.write(next);
        }
        return line.toByteArray();
    }
}
