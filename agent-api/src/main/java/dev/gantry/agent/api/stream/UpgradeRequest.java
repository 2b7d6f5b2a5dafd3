package dev.gantry.agent.api.stream;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;

/**
 * A request whose answer is a stream.
 *
 * @param uri path and query
 * @param headers besides those of the upgrade and the body's length
 * @param body may be empty
 */
public record UpgradeRequest(HttpMethod method, String uri, MultiMap headers, Buffer body) {
    /** A POST without headers of its own; a non-empty body is JSON. */
    public static UpgradeRequest post(String uri, Buffer body) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        if (body.length() > 0) {
            headers.set("Content-Type", "application/json");
        }
        return new UpgradeRequest(HttpMethod.POST, uri, headers, body);
    }
}
