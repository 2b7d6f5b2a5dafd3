package dev.gantry.gateway.request;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.ErrorAnswer;
import dev.gantry.engine.system.DockerRelease;
import dev.gantry.engine.version.ApiVersion;
import io.netty.handler.codec.TooLongFrameException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jboss.logging.Logger;

/** What the gateway answers by itself, in dockerd's words. */
public final class Answers {
    static final EngineError NOT_FOUND = new EngineError.NotFound("page not found");
    static final EngineError NO_SWARM =
            new EngineError.Unavailable("This node is not a swarm manager. Use \"docker swarm"
                    + " init\" or \"docker swarm join\" to connect this node to swarm and try again.");

    private static final Logger LOG = Logger.getLogger(Answers.class);
    /** Clients compare it with that of dockerd. */
    private static final String SERVER = "Docker/" + DockerRelease.VERSION + " (linux)";

    private Answers() {}

    /** Headers that every answer carries, whoever writes the rest. */
    static void headers(HttpServerResponse response) {
        response.putHeader("Api-Version", ApiVersion.NEWEST.toString())
                .putHeader("Docker-Experimental", "false")
                .putHeader("Ostype", "linux")
                .putHeader("Server", SERVER);
    }

    /** Builder-Version 1: the classic builder, for there is no BuildKit. */
    static void ping(HttpServerRequest request) {
        MultiMap headers = request.response().headers();
        headers.set("Builder-Version", "1");
        headers.set("Cache-Control", "no-cache, no-store, must-revalidate");
        headers.set("Content-Type", "text/plain; charset=utf-8");
        headers.set("Pragma", "no-cache");
        headers.set("Swarm", "inactive");
        if (request.method().name().equals("HEAD")) {
            headers.set("Content-Length", "0");
            request.response().end();
        } else {
            request.response().end("OK");
        }
    }

    /**
     * Whatever a request came to grief by before it had an owner. What is not foreseen stays in the log. Of its body the
     * rest is dropped, so that the connection can be used again.
     */
    static void failure(HttpServerRequest request, RuntimeException failure) {
        HttpServerResponse response = request.response();
        request.resume();
        switch (failure) {
            case EngineError error -> error(response, error);
            case Malformed malformed -> plain(request, malformed.status, malformed.getMessage());
            case Moved moved ->
                response.setStatusCode(301)
                        .putHeader("Location", moved.location)
                        .end();
            default -> {
                LOG.error("unexpected failure", failure);
                error(response, EngineError.Internal.unexpected(failure));
            }
        }
    }

    /** What is no HTTP request at all. */
    public static void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        boolean tooLong = cause instanceof TooLongFrameException;
        plain(request, tooLong ? 431 : 400, tooLong ? "431 Request Header Fields Too Large" : "400 Bad Request");
    }

    /** The connection ends with it: nobody knows where the next request would begin. */
    private static void plain(HttpServerRequest request, int status, String text) {
        HttpServerResponse response = request.response();
        if (response.headWritten() || response.closed()) {
            response.reset();
            return;
        }
        response.setStatusCode(status)
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .putHeader("Connection", "close")
                .end(text)
                .onComplete(_ -> request.connection().close());
    }

    static void error(HttpServerResponse response, EngineError error) {
        error(response, error.status(), error.getMessage());
    }

    static void error(HttpServerResponse response, int status, String message) {
        ErrorAnswer.send(response, status, message);
    }
}
