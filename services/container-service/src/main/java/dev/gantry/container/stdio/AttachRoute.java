package dev.gantry.container.stdio;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.agent.api.stream.Hijack;
import dev.gantry.agent.api.stream.UpgradeRequest;
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
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** {@code POST /containers/{id}/attach}: joins the client's connection with the host's stream, also before a start. */
@ApplicationScoped
public class AttachRoute {
    private static final String[] FLAGS = {"logs", "stream", "stdin", "stdout", "stderr"};

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
                    .chain(container -> join(request, container))
                    .subscribe()
                    .with(done -> {}, failure -> RouteAnswer.failPlainly(context, Refusals.read(failure)));
        } catch (RuntimeException failure) {
            RouteAnswer.failPlainly(context, failure);
        }
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

    private Uni<Void> join(HttpServerRequest request, ContainerEntity container) {
        StringBuilder uri = new StringBuilder(AgentProtocol.PREFIX + "/containers/" + container.id + "/attach?");
        for (String flag : FLAGS) {
            uri.append(flag)
                    .append('=')
                    .append(QueryValue.flag(request.getParam(flag)))
                    .append('&');
        }
        String keys = request.getParam("detachKeys");
        uri.append("detachKeys=").append(URLEncoder.encode(keys == null ? "" : keys, StandardCharsets.UTF_8));
        String type = ContentTypes.of(
                ApiVersion.ofHeader(request.getHeader(ApiVersion.HEADER)),
                container.config().tty());
        return streams.join(request, container.hostId, UpgradeRequest.post(uri.toString(), Buffer.buffer()), type);
    }
}
