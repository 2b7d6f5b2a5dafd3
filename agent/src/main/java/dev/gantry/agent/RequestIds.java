package dev.gantry.agent;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.report.AskedBy;
import jakarta.ws.rs.container.ContainerRequestContext;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Puts the request's id, which the gateway gave, and who asked into every log line that is written on its behalf. */
public class RequestIds {
    private static final int LONGEST = 128;

    @ServerRequestFilter
    void note(ContainerRequestContext request) {
        String id = request.getHeaderString(AgentProtocol.REQUEST_ID_HEADER);
        if (id != null && id.length() <= LONGEST) {
            MDC.put(AgentProtocol.REQUEST_ID_LOG_KEY, id);
        } else {
            MDC.remove(AgentProtocol.REQUEST_ID_LOG_KEY);
        }
        AskedBy.note(request.getHeaderString(AgentProtocol.ACTOR_HEADER));
    }
}
