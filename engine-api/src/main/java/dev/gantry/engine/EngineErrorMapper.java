package dev.gantry.engine;

import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Map;
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
        switch (error) {
            case EngineError.Internal internal -> LOG.error(internal.getMessage(), internal);
            case EngineError.Failed _, EngineError.NotSupported _, EngineError.Unavailable _ ->
                LOG.warnf("%d: %s", error.status(), error.getMessage());
            default -> LOG.debugf("%d: %s", error.status(), error.getMessage());
        }
        return error instanceof EngineError.NotModified
                ? Response.notModified().build()
                : body(error.status(), error.getMessage());
    }

    /** Statuses that the REST layer itself chose: no such path, wrong method, unreadable parameter. */
    @ServerExceptionMapper
    public Response restError(WebApplicationException error) {
        int status = error.getResponse().getStatus();
        boolean unknownRoute = status == 404 || status == 405;
        return unknownRoute ? body(404, "page not found") : body(status, error.getMessage());
    }

    @ServerExceptionMapper
    public Response unexpected(Throwable error) {
        if (isDatabaseAway(error)) {
            LOG.warnf("database unavailable: %s", error.getMessage());
            return body(503, "the database cannot be reached; running containers are not affected");
        }
        if (error instanceof HttpClosedException || error instanceof StreamResetException) {
            LOG.infof("the client has gone: %s", error.getMessage());
            return body(500, error.getMessage());
        }
        LOG.error("unexpected failure", error);
        return body(500, error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage());
    }

    private static boolean isDatabaseAway(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException
                    || AWAY.contains(cause.getClass().getName())
                    || isStartingOrStopping(cause.getMessage())
                    || isConnectionsEnd(cause.getMessage())) {
                return true;
            }
        }
        return false;
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
                .entity(Map.of("message", message))
                .build();
    }
}
