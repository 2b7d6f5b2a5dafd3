package dev.gantry.agent.api;

/** An operation that an agent refused or could not carry out. Nothing of it remains on the host. */
public final class AgentFailure extends RuntimeException {
    /** The kinds that callers tell apart; the status is the HTTP status on the wire. */
    public enum Code {
        BAD_REQUEST(400),
        NOT_FOUND(404),
        /** The container's state does not allow it, or a name or port is taken. */
        CONFLICT(409),
        /** A plan names a network, or a state of it, that was not put on this host: put it, and repeat. */
        UNKNOWN_NETWORK(412),
        /** The program to run is missing in the container: the client exits with 127. */
        COMMAND_NOT_FOUND(422),
        /** The program cannot be executed: the client exits with 126. */
        COMMAND_NOT_EXECUTABLE(423),
        PORT_IN_USE(424),
        NO_SPACE(507),
        NOT_SUPPORTED(501),
        INTERNAL(500),
        /** No answer from the agent. */
        UNREACHABLE(503);

        private final int status;

        Code(int status) {
            this.status = status;
        }

        public int status() {
            return status;
        }
    }

    /** Wire form of the failure. */
    public record Body(Code code, String message) {}

    private final Code code;

    public AgentFailure(Code code, String message) {
        super(message);
        this.code = code;
    }

    public AgentFailure(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    public Body body() {
        return new Body(code, getMessage());
    }
}
