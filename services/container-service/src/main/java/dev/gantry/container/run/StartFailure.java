package dev.gantry.container.run;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.engine.EngineError;

/**
 * Why a start failed. The {@code docker} program decides on its own exit code by words of the message, so those of the
 * runtime are kept behind dockerd's prefix.
 *
 * @param exitCode 127 no such program, 126 not executable, 128 anything else of the host; 0 when it did not come to that
 */
record StartFailure(int exitCode, String message, EngineError error) {
    private static final int UNKNOWN = 128;
    private static final String PREFIX =
            "failed to create task for container: failed to create shim task: OCI runtime create failed: ";

    static StartFailure of(Throwable failure) {
        if (!(failure instanceof AgentFailure refused)) {
            EngineError error = failure instanceof EngineError known ? known : EngineError.Internal.unexpected(failure);
            return new StartFailure(0, error.getMessage(), error);
        }
        return switch (refused.code()) {
            case COMMAND_NOT_FOUND -> command(127, refused);
            case COMMAND_NOT_EXECUTABLE -> command(126, refused);
            default -> new StartFailure(UNKNOWN, refused.getMessage(), AgentErrors.translate(refused));
        };
    }

    /**
     * As dockerd: that of the last run stays when the host was not asked.
     *
     * @param before that of the last run; 0 when there was none
     */
    int exitCode(int before) {
        if (exitCode != 0) {
            return exitCode;
        }
        return before == 0 ? UNKNOWN : before;
    }

    private static StartFailure command(int exitCode, AgentFailure refused) {
        String message =
                refused.getMessage().contains("OCI runtime") ? refused.getMessage() : PREFIX + refused.getMessage();
        return new StartFailure(exitCode, message, new EngineError.BadParameter(message));
    }
}
