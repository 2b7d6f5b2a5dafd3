package dev.gantry.engine.http;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.engine.principal.Actor;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/** What every service does with every request, whichever route takes it. */
@Singleton
final class EveryRequest {
    private static final Logger LOG = Logger.getLogger(EveryRequest.class);
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
        context.addHeadersEndHandler(_ -> {
            plainJson(context.response().headers());
            logFailure(context, id);
        });
        context.next();
    }

    /** Whatever answered it: no refusal of ours is without a line that its client's request id leads to. */
    private static void logFailure(RoutingContext context, String id) {
        int status = context.response().getStatusCode();
        if (status >= 500 && status != 501) {
            LOG.warnf(
                    "%s %s was answered %d, request %s",
                    context.request().method(), context.request().path(), status, id);
        }
    }

    /** Docker's clients compare the type as a whole, and JSON is UTF-8 anyway. */
    private static void plainJson(MultiMap headers) {
        String type = headers.get("Content-Type");
        if (type != null && type.startsWith("application/json;")) {
            headers.set("Content-Type", "application/json");
        }
    }
}
