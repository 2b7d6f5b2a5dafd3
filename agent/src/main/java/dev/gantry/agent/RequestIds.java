package dev.gantry.agent;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.trace.Traces;
import dev.gantry.agent.report.AskedBy;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.MDC;

/**
 * Puts the request's id, which the gateway gave, and who asked into every log line that is written on its behalf, and goes
 * on with its trace.
 */
@Singleton
final class RequestIds {
    private static final int LONGEST = 128;
    private static final int BEFORE_ROUTES = 1000;

    private final Traces traces;

    RequestIds(Traces traces) {
        this.traces = traces;
    }

    void register(@Observes Filters filters) {
        filters.register(this::note, BEFORE_ROUTES);
    }

    private void note(RoutingContext context) {
        HttpServerRequest request = context.request();
        String id = request.getHeader(AgentProtocol.REQUEST_ID_HEADER);
        if (id != null && id.length() <= LONGEST) {
            MDC.put(AgentProtocol.REQUEST_ID_LOG_KEY, id);
        } else {
            MDC.remove(AgentProtocol.REQUEST_ID_LOG_KEY);
            id = null;
        }
        AskedBy.note(request.getHeader(AgentProtocol.ACTOR_HEADER));
        traces.serve(context, "agent", id);
        context.next();
    }
}
