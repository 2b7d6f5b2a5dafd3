package dev.gantry.container.stream;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.EngineErrorMapper;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;

/** Failures of routes that the REST layer does not serve, answered as it would. */
public final class RouteAnswer {
    private static final EngineErrorMapper MAPPER = new EngineErrorMapper();

    private RouteAnswer() {}

    /** Answers with the error; cuts the connection when the answer has begun. */
    public static void fail(RoutingContext context, Throwable failure) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (response.headWritten()) {
            response.reset();
            return;
        }
        Response mapped = map(failure);
        response.setStatusCode(mapped.getStatus());
        if (mapped.getEntity() == null) {
            response.end();
        } else {
            response.putHeader("Content-Type", "application/json").end(StoredJson.write(mapped.getEntity()));
        }
    }

    private static Response map(Throwable failure) {
        return switch (failure) {
            case AgentFailure refused -> MAPPER.engineError(AgentErrors.translate(refused));
            case EngineError error -> MAPPER.engineError(error);
            default -> MAPPER.unexpected(failure);
        };
    }
}
