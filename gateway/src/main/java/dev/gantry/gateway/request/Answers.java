package dev.gantry.gateway.request;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.version.ApiVersion;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** What the gateway answers by itself, in dockerd's words. */
final class Answers {
    static final EngineError NOT_FOUND = new EngineError.NotFound("page not found");
    static final EngineError NO_SWARM =
            new EngineError.Unavailable("This node is not a swarm manager. Use \"docker swarm"
                    + " init\" or \"docker swarm join\" to connect this node to swarm and try again.");

    private Answers() {}

    /** Headers that every answer carries, whoever writes the rest. */
    static void headers(HttpServerResponse response, String server) {
        response.putHeader("Api-Version", ApiVersion.NEWEST.toString())
                .putHeader("Docker-Experimental", "false")
                .putHeader("Ostype", "linux")
                .putHeader("Server", server);
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

    static void error(HttpServerResponse response, EngineError error) {
        error(response, error.status(), error.getMessage());
    }

    static void error(HttpServerResponse response, int status, String message) {
        if (response.headWritten() || response.closed()) {
            response.reset();
            return;
        }
        response.setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(new JsonObject().put("message", message).encode() + "\n");
    }
}
