package dev.gantry.image.progress;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.EngineErrorMapper;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.Json;
import jakarta.ws.rs.core.Response;

/** Docker's error answer for routes that are not resources: the same statuses and bodies. */
public final class FailedResponse {
    private static final EngineErrorMapper ERRORS = new EngineErrorMapper();

    private FailedResponse() {}

    /** Nothing may have been written yet. */
    public static void send(HttpServerResponse response, Throwable failure) {
        Response answer = failure instanceof EngineError error ? ERRORS.engineError(error) : ERRORS.unexpected(failure);
        response.setStatusCode(answer.getStatus())
                .putHeader("Content-Type", "application/json")
                .end(Json.encode(answer.getEntity()));
    }
}
