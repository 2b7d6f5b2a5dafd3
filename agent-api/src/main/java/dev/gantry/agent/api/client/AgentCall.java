package dev.gantry.agent.api.client;

import dev.gantry.agent.api.AgentProtocol;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;

/**
 * One request to an agent.
 *
 * @param address {@link dev.gantry.agent.api.HostDescription#address}
 * @param path with query, without {@link AgentProtocol#PREFIX}
 * @param body sent as JSON; null for none
 * @param operationId see {@link AgentProtocol#OPERATION_HEADER}; empty for none
 * @param timeout for the whole answer; null for none, as for a stop that waits for ever
 */
public record AgentCall(
        String address, HttpMethod method, String path, Object body, String operationId, Duration timeout) {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** A request without body or ids, that may take a minute. */
    public static AgentCall of(String address, HttpMethod method, String path) {
        return new AgentCall(address, method, path, null, "", TIMEOUT);
    }

    public static AgentCall get(String address, String path) {
        return of(address, HttpMethod.GET, path);
    }

    public static AgentCall post(String address, String path, Object body) {
        return of(address, HttpMethod.POST, path).withBody(body);
    }

    public static AgentCall put(String address, String path, Object body) {
        return of(address, HttpMethod.PUT, path).withBody(body);
    }

    public static AgentCall delete(String address, String path) {
        return of(address, HttpMethod.DELETE, path);
    }

    public AgentCall withBody(Object content) {
        return new AgentCall(address, method, path, content, operationId, timeout);
    }

    public AgentCall withOperation(String id) {
        return new AgentCall(address, method, path, body, id, timeout);
    }

    public AgentCall withTimeout(Duration limit) {
        return new AgentCall(address, method, path, body, operationId, limit);
    }
}
