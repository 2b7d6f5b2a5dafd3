package dev.gantry.agent.api.stream;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** The other side answered a request for a stream with an ordinary HTTP answer. */
public final class UpgradeRefused extends RuntimeException {
    private final int status;
    private final transient MultiMap headers;
    private final transient Buffer body;

    UpgradeRefused(int status, MultiMap headers, Buffer body) {
        super("answered " + status);
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** As the other side would have said it. */
    static UpgradeRefused inWords(int status, String message) {
        return new UpgradeRefused(
                status,
                MultiMap.caseInsensitiveMultiMap().add("Content-Type", "application/json"),
                new JsonObject().put("message", message).toBuffer());
    }

    public int status() {
        return status;
    }

    public MultiMap headers() {
        return headers;
    }

    public Buffer body() {
        return body;
    }
}
