package dev.gantry.image.progress;

import dev.gantry.engine.EngineErrorMapper;
import dev.gantry.engine.ErrorAnswer;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Answers a request with the progress of an operation. The status is 200 from the first line on, so a failure before it
 * is an error status and one after it is a line. When the client goes away the operation is cancelled; a client that
 * reads slowly misses figures, never a status.
 */
public final class ProgressResponse implements Consumer<ProgressLine> {
    private final HttpServerResponse response;
    private final Context context;
    private Cancellable running;

    private ProgressResponse(HttpServerResponse response, Context context) {
        this.response = response;
        this.context = context;
    }

    /**
     * Runs the operation and answers with what it reports.
     *
     * @param operation is given where to send its lines, which it may do from any thread
     */
    public static void send(RoutingContext routing, Function<Consumer<ProgressLine>, Uni<Void>> operation) {
        ProgressResponse progress =
                new ProgressResponse(routing.response(), routing.vertx().getOrCreateContext());
        // Before the operation starts: a response that is over takes no handlers any more.
        routing.response().exceptionHandler(e -> progress.hangUp());
        routing.response().closeHandler(closed -> progress.hangUp());
        progress.run(operation);
    }

    private void run(Function<Consumer<ProgressLine>, Uni<Void>> operation) {
        running = Uni.createFrom()
                .deferred(() -> operation.apply(this))
                .subscribe()
                .with(done -> later(this::end), failure -> later(() -> fail(failure)));
        if (response.closed()) {
            running.cancel();
        }
    }

    private void hangUp() {
        if (running != null) {
            running.cancel();
        }
    }

    @Override
    public void accept(ProgressLine line) {
        later(() -> write(line));
    }

    private void later(Runnable step) {
        if (Vertx.currentContext() == context) {
            step.run();
        } else {
            context.runOnContext(ignored -> step.run());
        }
    }

    private void write(ProgressLine line) {
        boolean figures = line.progressDetail() != null && line.progressDetail().current() != null;
        if (response.ended() || response.closed() || (figures && response.writeQueueFull())) {
            return;
        }
        begin();
        response.write(line.encoded());
    }

    private void begin() {
        if (!response.headWritten()) {
            response.setChunked(true).putHeader("Content-Type", "application/json");
        }
    }

    private void end() {
        if (!response.ended() && !response.closed()) {
            begin();
            response.end();
        }
    }

    private void fail(Throwable failure) {
        if (response.ended() || response.closed()) {
            return;
        }
        if (response.headWritten()) {
            response.end(ProgressLine.failure(message(failure)).encoded());
        } else {
            ErrorAnswer.send(response, failure);
        }
    }

    private static String message(Throwable failure) {
        return EngineErrorMapper.known(failure).getMessage();
    }
}
