package dev.gantry.service.database;

import dev.gantry.engine.ErrorAnswer;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Answers 503 at once while the database is silent, instead of leaving clients waiting for it. */
@Singleton
final class RefuseWhileSilent {
    private static final int BEFORE_ROUTES = 999;
    private static final String SILENT = "the database does not answer; running containers are not affected";

    void register(@Observes Filters filters) {
        filters.register(RefuseWhileSilent::handle, BEFORE_ROUTES);
    }

    private static void handle(RoutingContext context) {
        if (SilentDatabase.isSilent()) {
            ErrorAnswer.send(context.response(), 503, SILENT);
        } else {
            context.next();
        }
    }
}
