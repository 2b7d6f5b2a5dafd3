package dev.gantry.container.stats;

import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.container.host.KnownHosts;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.Operations;
import dev.gantry.container.stream.RouteAnswer;
import dev.gantry.container.stream.RouteOrder;
import dev.gantry.engine.EngineError;
import dev.gantry.service.work.Background;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** {@code GET /containers/{id}/stats}: what the host reads, passed on as it comes. */
@ApplicationScoped
public class StatsRoute {
    private final Operations operations;
    private final KnownHosts hosts;
    private final AgentClient agents;

    StatsRoute(Operations operations, KnownHosts hosts, AgentClient agents) {
        this.operations = operations;
        this.hosts = hosts;
        this.agents = agents;
    }

    void register(@Observes Router router) {
        router.get("/containers/:id/stats").order(RouteOrder.BEFORE_REST).handler(this::serve);
    }

    private void serve(RoutingContext context) {
        HttpServerRequest request = context.request();
        try {
            request.resume();
            boolean stream = flag(request, "stream", true);
            boolean oneShot = flag(request, "one-shot", false);
            operations
                    .find(context.pathParam("id"))
                    .invoke(container -> check(stream, oneShot))
                    .chain(container -> hosts.reach(container.hostId, address -> {
                        AgentCall call = AgentCall.get(address, path(container, stream, oneShot))
                                .withTimeout(null);
                        return Background.here(
                                agents.pass(call, context.response()).toCompletionStage());
                    }))
                    .subscribe()
                    .with(done -> {}, failure -> RouteAnswer.fail(context, failure));
        } catch (RuntimeException failure) {
            RouteAnswer.fail(context, failure);
        }
    }

    private static boolean flag(HttpServerRequest request, String name, boolean otherwise) {
        String given = request.getParam(name);
        return given == null ? otherwise : QueryValue.flag(given);
    }

    private static void check(boolean stream, boolean oneShot) {
        if (stream && oneShot) {
            throw new EngineError.BadParameter("cannot have stream=true and one-shot=true");
        }
    }

    private static String path(ContainerEntity container, boolean stream, boolean oneShot) {
        return "/containers/" + container.id + "/stats?stream=" + stream + "&one-shot=" + oneShot + "&name="
                + URLEncoder.encode("/" + container.name, StandardCharsets.UTF_8);
    }
}
