package dev.gantry.container.exec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.stream.Hijack;
import dev.gantry.agent.api.stream.UpgradeRequest;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.host.HostStreams;
import dev.gantry.container.state.StoredJson;
import dev.gantry.container.stream.ContentTypes;
import dev.gantry.container.stream.Refusals;
import dev.gantry.container.stream.RouteAnswer;
import dev.gantry.container.stream.RouteOrder;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ExecConfig;
import dev.gantry.engine.json.RequestJson;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * {@code POST /exec/{id}/start}: detached, or with the client's connection joined to the process. A program that cannot
 * be run is told in the stream, as dockerd does, since clients read the exit code from {@code inspect} afterwards.
 */
@ApplicationScoped
public class ExecStreams {
    /** How long after the end of its stream a client may ask for the exit code and find it. */
    private static final long FORGET_MILLIS = 30_000;

    private final Execs execs;
    private final HostAgents agents;
    private final HostStreams streams;
    private final AttachedClients clients;

    ExecStreams(Execs execs, HostAgents agents, HostStreams streams, AttachedClients clients) {
        this.execs = execs;
        this.agents = agents;
        this.streams = streams;
        this.clients = clients;
    }

    void register(@Observes Router router) {
        router.post("/exec/:id/start").order(RouteOrder.BEFORE_REST).handler(this::serve);
    }

    private void serve(RoutingContext context) {
        HttpServerRequest request = context.request();
        try {
            Hijack hijack = Hijack.hold(request);
            Future<Buffer> body = request.body();
            // Quarkus hands requests over paused.
            request.resume();
            Background.here(body.toCompletionStage())
                    .map(ExecStreams::parse)
                    .chain(start -> serve(context, hijack, start))
                    .subscribe()
                    .with(done -> {}, failure -> RouteAnswer.fail(context, Refusals.read(failure)));
        } catch (RuntimeException failure) {
            RouteAnswer.fail(context, failure);
        }
    }

    private Uni<Void> serve(RoutingContext context, Hijack hijack, ExecConfig.Start start) {
        return execs.begin(context.pathParam("id"), start)
                .chain(begun -> start.detach() ? detached(context, begun) : attached(context, hijack, begun))
                .onFailure(Execs.AlreadyRun.class)
                .recoverWithUni(failure -> start.detach()
                        ? Uni.createFrom().failure(new EngineError.Conflict(failure.getMessage()))
                        : LastWords.send(hijack, type(context, !start.tty()), !start.tty(), failure.getMessage()));
    }

    private static String type(RoutingContext context, boolean framed) {
        return ContentTypes.of(ApiVersion.ofHeader(context.request().getHeader(ApiVersion.HEADER)), !framed);
    }

    private static ExecConfig.Start parse(Buffer body) {
        if (body.length() == 0) {
            return new ExecConfig.Start(false, false, null);
        }
        JsonNode tree;
        try {
            tree = StoredJson.read(body.toString(), JsonNode.class);
        } catch (IllegalStateException _) {
            throw new EngineError.BadParameter("invalid JSON in the request");
        }
        return RequestJson.convert(tree, ExecConfig.Start.class);
    }

    private Uni<Void> detached(RoutingContext context, Execs.Begun begun) {
        return agents.execDetached(begun.hostId(), begun.containerId(), begun.id(), begun.spec())
                .onFailure()
                .call(() -> execs.failed(begun.id()))
                .invoke(() -> context.response().end());
    }

    private Uni<Void> attached(RoutingContext context, Hijack hijack, Execs.Begun begun) {
        String uri = AgentProtocol.PREFIX + "/containers/" + begun.containerId() + "/execs/" + begun.id();
        String type = type(context, begun.spec().framed());
        Buffer spec = Buffer.buffer(StoredJson.write(begun.spec()));
        clients.add(begun, hijack);
        return streams.join(context.request(), begun.hostId(), UpgradeRequest.post(uri, spec), type)
                .invoke(() -> context.vertx().setTimer(FORGET_MILLIS, timer -> clients.remove(begun.id())))
                .onFailure()
                .invoke(() -> clients.remove(begun.id()))
                .onFailure()
                .recoverWithUni(failure -> refused(hijack, begun, type, Refusals.read(failure)));
    }

    private Uni<Void> refused(Hijack hijack, Execs.Begun begun, String type, Throwable failure) {
        Uni<Void> noted = execs.failed(begun.id());
        return failure instanceof AgentFailure refused && isOfTheRuntime(refused.code())
                ? noted.chain(() -> LastWords.send(hijack, type, begun.spec().framed(), failure.getMessage()))
                : noted.chain(() -> Uni.createFrom().failure(failure));
    }

    /** Others are of a container that has gone or of a host that is away: nothing was upgraded, and a status tells it. */
    private static boolean isOfTheRuntime(AgentFailure.Code code) {
        return switch (code) {
            case COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, INTERNAL, NO_SPACE -> true;
            default -> false;
        };
    }
}
