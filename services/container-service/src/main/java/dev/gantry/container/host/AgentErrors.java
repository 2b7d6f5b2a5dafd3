package dev.gantry.container.host;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.engine.EngineError;

/** What an agent refused, in the vocabulary that clients see. */
public final class AgentErrors {
    private AgentErrors() {}

    public static Throwable translate(Throwable failure) {
        return failure instanceof AgentFailure refused ? translate(refused) : failure;
    }

    public static EngineError translate(AgentFailure failure) {
        String message = failure.getMessage();
        return switch (failure.code()) {
            case BAD_REQUEST, COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE -> new EngineError.BadParameter(message);
            case NOT_FOUND -> new EngineError.NotFound(message);
            case CONFLICT -> new EngineError.Conflict(message);
            case NOT_SUPPORTED -> new EngineError.NotSupported(message);
            case UNREACHABLE -> new EngineError.Unavailable(message, failure.getCause());
            // The agent itself has logged what should not happen there.
            case UNKNOWN_NETWORK, PORT_IN_USE, NO_SPACE, INTERNAL -> new EngineError.Failed(message);
        };
    }
}
