package dev.gantry.engine;

import dev.gantry.agent.api.Unexpected;

/**
 * The one vocabulary of failures between services and towards clients. {@link EngineErrorMapper} turns it into the
 * status and {@code {"message": ...}} that Docker's clients match on; nothing else does.
 */
public abstract sealed class EngineError extends RuntimeException {
    private final int status;

    private EngineError(int status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** The HTTP status on the wire. */
    public int status() {
        return status;
    }

    /** The error of that status: for adapters that receive one over HTTP. */
    public static EngineError of(int status, String message) {
        return switch (status) {
            case 304 -> new NotModified();
            case 400 -> new BadParameter(message);
            case 401 -> new Unauthorized(message);
            case 403 -> new Forbidden(message);
            case 404 -> new NotFound(message);
            case 405 -> new MethodNotAllowed(message);
            case 409 -> new Conflict(message);
            case 501 -> new NotSupported(message);
            case 503 -> new Unavailable(message);
            default -> new Failed(message);
        };
    }

    /** Nothing to do: the container is in the wanted state already. Sent without a body. */
    public static final class NotModified extends EngineError {
        public NotModified() {
            super(304, "not modified", null);
        }
    }

    public static final class BadParameter extends EngineError {
        public BadParameter(String message) {
            super(400, message, null);
        }
    }

    public static final class Unauthorized extends EngineError {
        public Unauthorized(String message) {
            super(401, message, null);
        }
    }

    public static final class Forbidden extends EngineError {
        public Forbidden(String message) {
            super(403, message, null);
        }
    }

    public static final class NotFound extends EngineError {
        public NotFound(String message) {
            super(404, message, null);
        }
    }

    public static final class MethodNotAllowed extends EngineError {
        public MethodNotAllowed(String message) {
            super(405, message, null);
        }
    }

    public static final class Conflict extends EngineError {
        public Conflict(String message) {
            super(409, message, null);
        }
    }

    /**
     * A registry, a host, an archive or a peer made it impossible. dockerd answers 500 of these, too; but nothing is
     * wrong with Gantry itself.
     */
    public static final class Failed extends EngineError {
        public Failed(String message) {
            super(500, message, null);
        }
    }

    /** Something that should not happen. Logged with its cause. */
    public static final class Internal extends EngineError {
        public Internal(String message, Throwable cause) {
            super(500, message, cause);
        }

        /** The cause's own words are for the log, where the request's id leads. */
        public static Internal unexpected(Throwable cause) {
            return new Internal(Unexpected.message(), cause);
        }
    }

    /** A part of the API that Gantry does not have. */
    public static final class NotSupported extends EngineError {
        public NotSupported(String message) {
            super(501, message, null);
        }
    }

    /** The database, a host or another service cannot be reached; trying again later may work. */
    public static final class Unavailable extends EngineError {
        public Unavailable(String message) {
            this(message, null);
        }

        /** @param cause for the log, null for none: addresses between parts of ours are nothing for clients */
        public Unavailable(String message, Throwable cause) {
            super(503, message, cause);
        }
    }
}
