package dev.gantry.agent.log;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.query.InvalidQuery;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** An {@link AgentFailure} as the answer of a route outside of the REST layer. */
public final class FailureAnswer {
    private FailureAnswer() {}

    /** As {@link #send(HttpServerResponse, AgentFailure)}, for parameters that cannot be read. */
    public static void send(HttpServerResponse response, InvalidQuery invalid) {
        send(response, new AgentFailure(AgentFailure.Code.BAD_REQUEST, invalid.getMessage()));
    }

    /** Does nothing when the answer has begun already. */
    public static void send(HttpServerResponse response, AgentFailure failure) {
        if (response.headWritten() || response.closed()) {
            return;
        }
        response.setStatusCode(failure.code().status())
                .putHeader("Content-Type", "application/json")
                .end(new JsonObject()
                        .put("code", failure.code().name())
                        .put("message", failure.getMessage())
                        .encode());
    }
}
