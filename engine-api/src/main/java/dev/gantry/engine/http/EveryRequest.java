package dev.gantry.engine.http;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.trace.Traces;
import dev.gantry.engine.principal.Actor;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/** What every service does with every request, whichever route takes it. */
@Singleton
final class EveryRequest {
    private static final Logger LOG = Logger.getLogger(EveryRequest.class);
    private static final int BEFORE_ROUTES = 1000;

    private final Traces traces;
    private final String process;

    EveryRequest(Traces traces, @ConfigProperty(name = "quarkus.application.name") String process) {
        this.traces = traces;
        this.process = process;
    }

    void register(@Observes Filters filters) {
        filters.register(this::handle, BEFORE_ROUTES);
    }

    private void handle(RoutingContext context) {
        String id = context.request().getHeader(AgentProtocol.REQUEST_ID_HEADER);
        if (id != null) {
            MDC.put(AgentProtocol.REQUEST_ID_LOG_KEY, id);
        }
        Actor.note(context.request().headers());
        context.addHeadersEndHandler(_ -> {
            plainJson(context.response().headers());
            logFailure(context, id);
        });
        String part = context.request().getHeader(Traces.PART_HEADER);
        traces.serve(context, part == null ? process : part, id);
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
