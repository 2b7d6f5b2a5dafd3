package dev.gantry.gateway.request;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.stream.Hijack;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.gateway.route.HandedOver;
import dev.gantry.gateway.route.Owner;
import dev.gantry.gateway.route.Owners;
import dev.gantry.gateway.route.Route;
import dev.gantry.gateway.route.Routes;
import dev.gantry.gateway.version.VersionedPath;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Every request to the Docker API, from whichever listener: common headers, path and version, route, body checks, then
 * the owner. Whatever is refused is refused here, so that owners see well-formed requests only.
 */
@Singleton
public final class DockerEndpoint implements Handler<HttpServerRequest> {
    private static final Logger LOG = Logger.getLogger(DockerEndpoint.class);
    /** Dot segments, plain or encoded, which an owner's router would resolve to another path than the one routed, and NUL. */
    private static final Pattern MISLEADING = Pattern.compile("/(\\.|%2[eE]){1,2}(/|$)|%00");

    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final Owners owners;
    private final String server;
    private final int largestJson;

    @Inject
    DockerEndpoint(
            Owners owners,
            @ConfigProperty(name = "quarkus.application.version") String version,
            @ConfigProperty(name = "gantry.docker.max-json") int largestJson) {
        this.owners = owners;
        this.server = "Gantry/" + version + " (linux)";
        this.largestJson = largestJson;
    }

    @Override
    public void handle(HttpServerRequest request) {
        String id = identify(request);
        MDC.put(AgentProtocol.REQUEST_ID_LOG_KEY, id);
        Answers.headers(request.response(), server);
        try {
            if (MISLEADING.matcher(request.path()).find()) {
                throw Answers.NOT_FOUND;
            }
            VersionedPath target = VersionedPath.of(request.path());
            Route route = Routes.find(request.method().name(), target.path()).orElseThrow(() -> Answers.NOT_FOUND);
            ApiVersion version = target.version().map(ApiVersion::requested).orElse(ApiVersion.NEWEST);
            request.headers().set(ApiVersion.HEADER, version.toString());
            answer(request, target.path(), route);
        } catch (EngineError error) {
            Answers.error(request.response(), error);
        }
    }

    /** The client's own id when it sent a reasonable one, so that its log and ours can be matched. */
    private static String identify(HttpServerRequest request) {
        String given = request.getHeader(AgentProtocol.REQUEST_ID_HEADER);
        String id = given != null && REQUEST_ID.matcher(given).matches()
                ? given
                : HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        request.headers().set(AgentProtocol.REQUEST_ID_HEADER, id);
        request.response().putHeader(AgentProtocol.REQUEST_ID_HEADER, id);
        return id;
    }

    private void answer(HttpServerRequest request, String path, Route route) {
        if (path.equals("/_ping")) {
            Answers.ping(request);
        } else if (route.owner() == Owner.SWARM) {
            throw Answers.NO_SWARM;
        } else if (route.owner() == Owner.NOBODY) {
            throw new EngineError.NotSupported(route.method() + " " + path + " is not supported by Gantry yet");
        } else {
            if (route.upgraded()) {
                // Before anything is awaited: what a client sends ahead of the answer is for the stream.
                Hijack.hold(request);
            }
            hand(request, path, route);
        }
    }

    private void hand(HttpServerRequest request, String path, Route route) {
        if (route.body() == Route.Body.JSON || route.body() == Route.Body.OPTIONAL_JSON) {
            checkBody(request, path, route);
        } else {
            owners.handle(route, new HandedOver(request, path));
        }
    }

    private void checkBody(HttpServerRequest request, String path, Route route) {
        long length = contentLength(request);
        boolean chunked = request.getHeader("Transfer-Encoding") != null;
        JsonBody.checkType(request.getHeader("Content-Type"), chunked || length > 0);
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() + chunk.length() <= largestJson) {
                body.appendBuffer(chunk);
            } else {
                request.handler(null);
                Answers.error(request.response(), 413, "request body larger than " + largestJson + " bytes");
            }
        });
        request.endHandler(_ -> {
            if (!request.response().ended()) {
                handOver(request, path, route, body);
            }
        });
        request.exceptionHandler(e -> LOG.debugf("request body cut off: %s", e.getMessage()));
    }

    private void handOver(HttpServerRequest request, String path, Route route, Buffer body) {
        try {
            JsonBody.check(body, route.body());
            owners.handle(route, new CheckedRequest(request, path, body));
        } catch (EngineError error) {
            Answers.error(request.response(), error);
        }
    }

    private static long contentLength(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return length == null ? 0 : Long.parseLong(length);
    }
}
