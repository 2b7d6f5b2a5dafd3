package dev.gantry.agent.api.stream;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.trace.Traces;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import org.jboss.logging.MDC;

/**
 * A request whose answer is a stream.
 *
 * @param uri path and query
 * @param headers besides those of the upgrade and the body's length
 * @param body may be empty
 * @param protocol what the connection is to become: {@code tcp}, as Docker has it, or {@code websocket}
 */
public record UpgradeRequest(HttpMethod method, String uri, MultiMap headers, Buffer body, String protocol) {
    static final String TCP = "tcp";

    /** A POST that tells for which request and in which span it is; a non-empty body is JSON. */
    public static UpgradeRequest post(String uri, Buffer body) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        if (body.length() > 0) {
            headers.set("Content-Type", "application/json");
        }
        if (MDC.get(AgentProtocol.REQUEST_ID_LOG_KEY) instanceof String id) {
            headers.set(AgentProtocol.REQUEST_ID_HEADER, id);
        }
        Traces.tell(headers::set);
        return new UpgradeRequest(HttpMethod.POST, uri, headers, body, TCP);
    }
}
