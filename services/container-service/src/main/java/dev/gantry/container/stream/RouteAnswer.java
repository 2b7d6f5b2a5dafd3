package dev.gantry.container.stream;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.engine.ErrorAnswer;
import io.vertx.ext.web.RoutingContext;

/** Failures of routes that the REST layer does not serve, answered as it would; those of agents in Docker's words. */
public final class RouteAnswer {
    private RouteAnswer() {}

    /**
     * As {@link #fail}, in the form of an attach: dockerd has left HTTP when it finds out, and tells the status and, behind
     * the head of a raw stream, one line of text.
     */
    public static void failPlainly(RoutingContext context, Throwable failure) {
        ErrorAnswer.sendPlainly(context.response(), translated(failure));
    }

    /** Answers with the error; cuts the connection when the answer has begun. */
    public static void fail(RoutingContext context, Throwable failure) {
        ErrorAnswer.send(context.response(), translated(failure));
    }

    private static Throwable translated(Throwable failure) {
        return failure instanceof AgentFailure refused ? AgentErrors.translate(refused) : failure;
    }
}
