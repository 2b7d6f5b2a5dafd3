package dev.gantry.agent.api.stream;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

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
