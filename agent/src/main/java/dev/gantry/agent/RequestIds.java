package dev.gantry.agent;

import dev.gantry.agent.api.AgentProtocol;
import jakarta.ws.rs.container.ContainerRequestContext;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Puts the request's id, which the gateway gave, into every log line that is written on its behalf. */
public class RequestIds {
    private static final int LONGEST = 128;

    @ServerRequestFilter
    void note(ContainerRequestContext request) {
        String id = request.getHeaderString(AgentProtocol.REQUEST_ID_HEADER);
        if (id != null && id.length() <= LONGEST) {
            MDC.put("requestId", id);
        } else {
            MDC.remove("requestId");
        }
    }
}
