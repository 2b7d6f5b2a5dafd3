package dev.gantry.engine;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** The one writer of Docker's error answers, {@code {"message": ...}}, for resources, routes and bare connections. */
public final class ErrorAnswer {
    private ErrorAnswer() {}

    /** The body, with the newline at its end that dockerd's encoder writes. */
    static String body(String message) {
        return new JsonObject().put("message", message).encode() + "\n";
    }

    /**
     * Answers with what went wrong, as a resource would that threw it.
     *
     * @see EngineErrorMapper#logged
     */
    public static void send(HttpServerResponse response, Throwable failure) {
        EngineError error = EngineErrorMapper.logged(EngineErrorMapper.known(failure));
        if (error instanceof EngineError.NotModified) {
            if (open(response)) {
                response.setStatusCode(error.status()).end();
            }
            return;
        }
        send(response, error.status(), error.getMessage());
    }

    /** As {@link #send(HttpServerResponse, Throwable)}, with the words alone, as a line of a raw stream. */
    public static void sendPlainly(HttpServerResponse response, Throwable failure) {
        EngineError error = EngineErrorMapper.logged(EngineErrorMapper.known(failure));
        if (open(response)) {
            response.setStatusCode(error.status())
                    .putHeader("Content-Type", "application/vnd.docker.raw-stream")
                    .end(error.getMessage() + "\r\n");
        }
    }

    /** Answers so; an answer that has begun is cut off instead, so that nobody takes it for whole. */
    public static void send(HttpServerResponse response, int status, String message) {
        if (open(response)) {
            response.setStatusCode(status)
                    .putHeader("Content-Type", "application/json")
                    .end(body(message));
        }
    }

    private static boolean open(HttpServerResponse response) {
        if (response.ended() || response.closed()) {
            return false;
        }
        if (response.headWritten()) {
            response.reset();
            return false;
        }
        return true;
    }
}
