package dev.gantry.container.files;

import dev.gantry.container.state.Operations;
import dev.gantry.container.stream.RouteAnswer;
import dev.gantry.container.stream.RouteOrder;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** {@code GET /containers/{id}/changes} and {@code /export}: the host's answers, passed on as they come. */
@ApplicationScoped
public class ChangesRoute {
    private final Operations operations;
    private final PassedAnswer answers;

    ChangesRoute(Operations operations, PassedAnswer answers) {
        this.operations = operations;
        this.answers = answers;
    }

    void register(@Observes Router router) {
        router.get("/containers/:id/changes")
                .order(RouteOrder.BEFORE_REST)
                .handler(routing -> serve(routing, "changes", ""));
        router.get("/containers/:id/export")
                .order(RouteOrder.BEFORE_REST)
                .handler(routing -> serve(routing, "export", "export"));
    }

    private void serve(RoutingContext routing, String what, String action) {
        try {
            routing.request().resume();
            operations
                    .find(routing.pathParam("id"))
                    .chain(container -> answers.pass(routing, container, what, action))
                    .subscribe()
                    .with(done -> {}, failure -> RouteAnswer.fail(routing, failure));
        } catch (RuntimeException failure) {
            RouteAnswer.fail(routing, failure);
        }
    }
}
