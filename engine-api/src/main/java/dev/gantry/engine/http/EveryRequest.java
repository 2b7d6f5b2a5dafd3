package dev.gantry.engine.http;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.engine.principal.Actor;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.MDC;

/** What every service does with every request, whichever route takes it. */
@Singleton
final class EveryRequest {
    private static final int BEFORE_ROUTES = 1000;

    void register(@Observes Filters filters) {
        filters.register(EveryRequest::handle, BEFORE_ROUTES);
    }

    private static void handle(RoutingContext context) {
        String id = context.request().getHeader(AgentProtocol.REQUEST_ID_HEADER);
        if (id != null) {
            MDC.put(AgentProtocol.REQUEST_ID_LOG_KEY, id);
        }
        Actor.note(context.request().headers());
        context.addHeadersEndHandler(_ -> plainJson(context.response().headers()));
        context.next();
    }

    /** Docker's clients compare the type as a whole, and JSON is UTF-8 anyway. */
    private static void plainJson(MultiMap headers) {
        String type = headers.get("Content-Type");
        if (type != null && type.startsWith("application/json;")) {
            headers.set("Content-Type", "application/json");
        }
    }
}
