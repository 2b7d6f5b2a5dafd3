package dev.gantry.engine;

import com.fasterxml.jackson.core.JacksonException;
import dev.gantry.agent.api.query.InvalidQuery;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.impl.NoStackTraceThrowable;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Turns what went wrong into Docker's status and {@code {"message": ...}}. What a client, a registry or a host brought
 * about is one line of log at most; only what should not happen has its stack trace there.
 */
public final class EngineErrorMapper {
    private static final Logger LOG = Logger.getLogger(EngineErrorMapper.class);

    /** By name: a gateway of its own has no database client. */
    private static final Set<String> AWAY =
            Set.of("io.vertx.core.http.ConnectionPoolTooBusyException", "io.vertx.sqlclient.ClosedConnectionException");

    @ServerExceptionMapper
    public Response engineError(EngineError error) {
        logged(error);
        return error instanceof EngineError.NotModified
                ? Response.notModified().build()
                : body(error.status(), error.getMessage());
    }

    static EngineError logged(EngineError error) {
        switch (error) {
            case EngineError.Internal internal ->
                LOG.error(internal.getMessage(), internal.getCause() == null ? internal : internal.getCause());
            case EngineError.Unavailable away
            when away.getCause() != null ->
                LOG.warnf(
                        "%d: %s: %s",
                        away.status(), away.getMessage(), away.getCause().getMessage());
            case EngineError.Failed _, EngineError.NotSupported _, EngineError.Unavailable _ ->
                LOG.warnf("%d: %s", error.status(), error.getMessage());
            default -> LOG.debugf("%d: %s", error.status(), error.getMessage());
        }
        return error;
    }

    /** Statuses that the REST layer itself chose: no such path, wrong method, unreadable parameter. */
    @ServerExceptionMapper
    public Response restError(WebApplicationException error) {
        int status = error.getResponse().getStatus();
        if (status == 404 || status == 405) {
            return body(404, "page not found");
        }
        LOG.infof("%d: %s", status, error.getMessage());
        return body(
                status, error.getResponse().getStatusInfo().getReasonPhrase().toLowerCase(Locale.ROOT));
    }

    @ServerExceptionMapper
    public Response unexpected(Throwable error) {
        return engineError(known(error));
    }

    /** What clients are told of a failure of any kind: nothing of its own words unless they were written for them. */
    public static EngineError known(Throwable error) {
        if (error instanceof EngineError engineError) {
            return engineError;
        }
        if (error instanceof InvalidQuery invalid) {
            return new EngineError.BadParameter(invalid.getMessage());
        }
        if (isDatabaseAway(error)) {
            LOG.warnf("database unavailable: %s", error.getMessage());
            return new EngineError.Unavailable("the database cannot be reached; running containers are not affected");
        }
        if (error instanceof HttpClosedException || error instanceof StreamResetException) {
            return new EngineError.Failed("the connection was closed");
        }
        return EngineError.Internal.unexpected(error);
    }

    /** Whether it did not answer in time, or its connection was lost: the same may work a little later. */
    public static boolean isDatabaseAway(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (isOfAConnection(cause)
                    || isOfThePool(cause)
                    || AWAY.contains(cause.getClass().getName())
                    || isStartingOrStopping(cause.getMessage())
                    || isConnectionsEnd(cause.getMessage())) {
                return true;
            }
        }
        return false;
    }

    /** As an {@link IOException} is that is neither of a file nor of JSON. */
    private static boolean isOfAConnection(Throwable cause) {
        return cause instanceof IOException
                && !(cause instanceof FileSystemException)
                && !(cause instanceof JacksonException);
    }

    /** Nobody was connected in time: {@code io.vertx.sqlclient.impl.pool.SqlConnectionPool} has no type for it. */
    private static boolean isOfThePool(Throwable cause) {
        return cause instanceof NoStackTraceThrowable && "Timeout".equals(cause.getMessage());
    }

    /** PostgreSQL's own refusals, SQLSTATE 57P01 to 57P03, as its client words them. */
    private static boolean isStartingOrStopping(String message) {
        return message != null && message.matches("(?s).*\\(57P0[1-3]\\).*");
    }

    /** The pool's and the connection's own words, in exceptions without a type: nobody was connected in time, or is still. */
    private static boolean isConnectionsEnd(String message) {
        return message != null
                && (message.startsWith("Timeout waiting for connection")
                        || message.startsWith("Connection is not active"));
    }

    private static Response body(int status, String message) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(ErrorAnswer.body(message))
                .build();
    }
}
