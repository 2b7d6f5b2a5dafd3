package dev.gantry.container.stdio;

import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.container.host.KnownHosts;
import dev.gantry.container.kept.KeptLogs;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.Operations;
import dev.gantry.container.stream.ContentTypes;
import dev.gantry.container.stream.RouteAnswer;
import dev.gantry.container.stream.RouteOrder;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** {@code GET /containers/{id}/logs}: the host's stream, passed on as it comes. */
@ApplicationScoped
public class LogsRoute {
    private final Operations operations;
    private final KnownHosts hosts;
    private final AgentClient agents;
    private final KeptLogs kept;

    LogsRoute(Operations operations, KnownHosts hosts, AgentClient agents, KeptLogs kept) {
        this.operations = operations;
        this.hosts = hosts;
        this.agents = agents;
        this.kept = kept;
    }

    void register(@Observes Router router) {
        router.get("/containers/:id/logs").order(RouteOrder.BEFORE_REST).handler(this::serve);
    }

    private void serve(RoutingContext context) {
        try {
            context.request().resume();
            HttpServerRequest request = context.request();
            String reference = context.pathParam("id");
            checkStreams(request);
            checkTimes(request);
            operations
                    .find(reference)
                    .invoke(LogsRoute::check)
                    .map(container -> new Place(container.id, container.hostId))
                    .onFailure()
                    .recoverWithUni(
                            missing -> kept.find(reference, missing).map(gone -> new Place(gone.id(), gone.hostId())))
                    .chain(place -> hosts.reach(place.host(), address -> pass(context, call(request, place, address))))
                    .subscribe()
                    .with(done -> {}, failure -> RouteAnswer.fail(context, failure));
        } catch (RuntimeException failure) {
            RouteAnswer.fail(context, failure);
        }
    }

    private static void checkStreams(HttpServerRequest request) {
        if (!truth(request, "stdout") && !truth(request, "stderr")) {
            throw new EngineError.BadParameter("Bad parameters: you must choose at least one stream");
        }
    }

    private static void checkTimes(HttpServerRequest request) {
        time(request, "since");
        time(request, "until");
    }

    /** Which container, or kept log of one, and where. */
    private record Place(String id, String host) {}

    private static void check(ContainerEntity container) {
        if (container.hostConfig().logConfig().type().equals("none")) {
            throw new EngineError.NotSupported("configured logging driver does not support reading");
        }
    }

    private static void time(HttpServerRequest request, String name) {
        QueryValue.time(name, request.getParam(name));
    }

    private static boolean truth(HttpServerRequest request, String name) {
        return QueryValue.flag(request.getParam(name));
    }

    private static AgentCall call(HttpServerRequest request, Place place, String address) {
        StringBuilder query = new StringBuilder();
        for (String flag : new String[] {"follow", "stdout", "stderr", "timestamps", "details"}) {
            query.append(flag).append('=').append(truth(request, flag)).append('&');
        }
        for (String value : new String[] {"since", "until", "tail"}) {
            String given = request.getParam(value);
            if (given != null && given.matches("[-0-9.a-z]+")) {
                query.append(value).append('=').append(given).append('&');
            }
        }
        query.setLength(query.length() - 1);
        return AgentCall.get(address, "/containers/" + place.id() + "/logs?" + query)
                .withTimeout(null);
    }

    private Uni<Void> pass(RoutingContext context, AgentCall call) {
        boolean old = ApiVersion.ofHeader(context.request().getHeader(ApiVersion.HEADER))
                .before(1, 42);
        if (old) {
            context.response().putHeader("Content-Type", ContentTypes.RAW);
        }
        return Background.here(agents.pass(call, context.response()).toCompletionStage());
    }
}
