package dev.gantry.container.stdio;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.agent.api.stream.Hijack;
import dev.gantry.agent.api.stream.UpgradeRequest;
import dev.gantry.agent.api.stream.WebSocketHandshake;
import dev.gantry.container.host.HostStreams;
import dev.gantry.container.request.DetachKeys;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Operations;
import dev.gantry.container.stream.ContentTypes;
import dev.gantry.container.stream.Refusals;
import dev.gantry.container.stream.RouteAnswer;
import dev.gantry.container.stream.RouteOrder;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.version.ApiVersion;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * {@code POST /containers/{id}/attach} and {@code GET /containers/{id}/attach/ws}: joins the client's connection with the
 * host's stream, also before a start. What is wrong with a websocket is told as a connection that is none tells it.
 */
@ApplicationScoped
public class AttachRoute {
    private static final List<String> FLAGS = List.of("logs", "stream");
    private static final List<String> STREAMS = List.of("stdin", "stdout", "stderr");

    /** Before it, a websocket has all streams, whatever it asks for; and before the other, it sends text. */
    private static final ApiVersion STREAMS_BY_CHOICE = new ApiVersion(1, 42);

    private static final ApiVersion BINARY = new ApiVersion(1, 28);

    private final Operations operations;
    private final ContainerFacts facts;
    private final HostStreams streams;

    AttachRoute(Operations operations, ContainerFacts facts, HostStreams streams) {
        this.operations = operations;
        this.facts = facts;
        this.streams = streams;
    }

    void register(@Observes Router router) {
        router.post("/containers/:id/attach").order(RouteOrder.BEFORE_REST).handler(this::serve);
        router.get("/containers/:id/attach/ws").order(RouteOrder.BEFORE_REST).handler(this::serveWebSocket);
    }

    private void serve(RoutingContext context) {
        HttpServerRequest request = context.request();
        try {
            Hijack.hold(request);
            // Quarkus hands requests over paused.
            request.resume();
            DetachKeys.check(request.getParam("detachKeys"));
            operations
                    .locked(context.pathParam("id"), (session, container) -> {
                        check(container, context.pathParam("id"));
                        return facts.append(session, container, "attach").replaceWith(container);
                    })
                    .chain(container -> streams.join(
                            request, container.hostId, request(request, container, false), type(request, container)))
                    .subscribe()
                    .with(done -> {}, failure -> RouteAnswer.failPlainly(context, Refusals.read(failure)));
        } catch (RuntimeException failure) {
            RouteAnswer.failPlainly(context, failure);
        }
    }

    private void serveWebSocket(RoutingContext context) {
        HttpServerRequest request = context.request();
        try {
            Hijack.hold(request);
            request.resume();
            DetachKeys.check(request.getParam("detachKeys"));
            boolean old = version(request).before(STREAMS_BY_CHOICE);
            operations
                    .locked(context.pathParam("id"), (session, container) -> {
                        check(container, context.pathParam("id"));
                        WebSocketHandshake.check(request.headers());
                        return facts.append(session, container, "attach").replaceWith(container);
                    })
                    .chain(container -> streams.joinWebSocket(
                            request,
                            container.hostId,
                            request(request, container, old),
                            !version(request).before(BINARY)))
                    .subscribe()
                    .with(done -> {}, failure -> failWebSocket(context, Refusals.read(failure)));
        } catch (RuntimeException failure) {
            failWebSocket(context, failure);
        }
    }

    private static void failWebSocket(RoutingContext context, Throwable failure) {
        if (!(failure instanceof WebSocketHandshake.Refused refused)) {
            RouteAnswer.fail(context, failure);
            return;
        }
        if (refused.isVersion()) {
            context.response().putHeader("Sec-WebSocket-Version", "13");
        }
        context.response().setStatusCode(400).end(refused.getMessage());
    }

    /** @param called what the client calls it */
    private static void check(ContainerEntity container, String called) {
        if (container.state() instanceof ContainerState.Paused) {
            throw new EngineError.Conflict("container " + called + " is paused, unpause the container before attach");
        }
        if (container.state() instanceof ContainerState.Restarting) {
            throw new EngineError.Conflict(
                    "container " + called + " is restarting, wait until the container is running");
        }
    }

    /** @param all streams, whatever the client asks for */
    private static UpgradeRequest request(HttpServerRequest request, ContainerEntity container, boolean all) {
        StringBuilder uri = new StringBuilder(AgentProtocol.PREFIX + "/containers/" + container.id + "/attach?");
        for (String flag : FLAGS) {
            append(uri, flag, QueryValue.flag(request.getParam(flag)));
        }
        for (String stream : STREAMS) {
            append(uri, stream, all || QueryValue.flag(request.getParam(stream)));
        }
        String keys = request.getParam("detachKeys");
        uri.append("detachKeys=").append(URLEncoder.encode(keys == null ? "" : keys, StandardCharsets.UTF_8));
        return UpgradeRequest.post(uri.toString(), Buffer.buffer());
    }

    private static void append(StringBuilder uri, String flag, boolean value) {
        uri.append(flag).append('=').append(value).append('&');
    }

    private static String type(HttpServerRequest request, ContainerEntity container) {
        return ContentTypes.of(version(request), container.config().tty());
    }

    private static ApiVersion version(HttpServerRequest request) {
        return ApiVersion.ofHeader(request.getHeader(ApiVersion.HEADER));
    }
}
