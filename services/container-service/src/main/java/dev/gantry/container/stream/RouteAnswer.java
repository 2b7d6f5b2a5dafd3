package dev.gantry.container.stream;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.engine.ErrorAnswer;
import io.vertx.ext.web.RoutingContext;

/** Failures of routes that the REST layer does not serve, answered as it would; those of agents in Docker's words. */
public final class RouteAnswer {
    private RouteAnswer() {}

    /** Answers with the error; cuts the connection when the answer has begun. */
    public static void fail(RoutingContext context, Throwable failure) {
        ErrorAnswer.send(
                context.response(), failure instanceof AgentFailure refused ? AgentErrors.translate(refused) : failure);
    }
}
