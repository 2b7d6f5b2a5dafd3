package dev.gantry.container.stdio;

import dev.gantry.container.run.WaitContainer;
import dev.gantry.container.state.StoredJson;
import dev.gantry.container.stream.RouteAnswer;
import dev.gantry.container.stream.RouteOrder;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerResults;
import dev.gantry.engine.container.Containers.Condition;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/**
 * {@code POST /containers/{id}/wait}. The head of the answer goes out as soon as the wait has begun: {@code docker run}
 * starts the container only then, so that it cannot miss the exit.
 */
@ApplicationScoped
public class WaitRoute {
    private static final Logger LOG = Logger.getLogger(WaitRoute.class);

    private final WaitContainer wait;

    WaitRoute(WaitContainer wait) {
        this.wait = wait;
    }

    void register(@Observes Router router) {
        router.post("/containers/:id/wait").order(RouteOrder.BEFORE_REST).handler(this::serve);
    }

    /** The status is sent already: as dockerd tells of a wait that failed. No process exits with this code. */
    private static ContainerResults.Exit unknown(Throwable failure) {
        LOG.warnf("a wait ends without an exit code: %s (%s)", failure.getMessage(), failure.getCause());
        return new ContainerResults.Exit(new ContainerResults.WaitError(failure.getMessage()), -1);
    }

    private void serve(RoutingContext context) {
        try {
            context.request().resume();
            Condition condition = Condition.parse(context.request().getParam("condition"));
            HttpServerResponse response = context.response();
            Cancellable waits = wait.begin(context.pathParam("id"), condition)
                    .chain(waiting -> {
                        response.putHeader("Content-Type", "application/json").setChunked(true);
                        response.write(Buffer.buffer());
                        return waiting.exitCode()
                                .map(code -> new ContainerResults.Exit(null, code))
                                .onFailure(EngineError.Unavailable.class)
                                .recoverWithItem(WaitRoute::unknown);
                    })
                    .subscribe()
                    .with(
                            exit -> response.end(StoredJson.write(exit) + "\n"),
                            failure -> RouteAnswer.fail(context, failure));
            // Every "docker run -d" begins one, and leaves.
            response.closeHandler(_ -> waits.cancel());
            if (response.closed()) {
                waits.cancel();
            }
        } catch (RuntimeException failure) {
            RouteAnswer.fail(context, failure);
        }
    }
}
