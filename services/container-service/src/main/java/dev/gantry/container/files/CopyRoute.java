package dev.gantry.container.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.PathStat;
import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.host.KnownHosts;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.Operations;
import dev.gantry.container.stream.RouteAnswer;
import dev.gantry.container.stream.RouteOrder;
import dev.gantry.engine.EngineError;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.BiFunction;

/** {@code /containers/{id}/archive}: {@code docker cp}, whose archives go through as they come. */
@ApplicationScoped
public class CopyRoute {
    private static final String PATH = "/containers/:id/archive";

    private final Operations operations;
    private final KnownHosts hosts;
    private final HostAgents agents;
    private final AgentClient client;
    private final PassedAnswer answers;
    private final ObjectMapper json;

    CopyRoute(
            Operations operations,
            KnownHosts hosts,
            HostAgents agents,
            AgentClient client,
            PassedAnswer answers,
            ObjectMapper json) {
        this.operations = operations;
        this.hosts = hosts;
        this.agents = agents;
        this.client = client;
        this.answers = answers;
        this.json = json;
    }

    void register(@Observes Router router) {
        router.head(PATH).order(RouteOrder.BEFORE_REST).handler(routing -> serve(routing, this::stat));
        router.get(PATH).order(RouteOrder.BEFORE_REST).handler(routing -> serve(routing, this::read));
        router.put(PATH).order(RouteOrder.BEFORE_REST).handler(routing -> serve(routing, this::write));
    }

    private void serve(RoutingContext routing, BiFunction<RoutingContext, ContainerEntity, Uni<Void>> operation) {
        HttpServerRequest request = routing.request();
        // Until there is somebody to send a body to.
        request.pause();
        try {
            String path = request.getParam("path");
            if (path == null || path.isEmpty()) {
                // The message is dockerd's, with its missing space.
                throw new EngineError.BadParameter("bad parameter: pathcannot be empty");
            }
            String reference = routing.pathParam("id");
            operations
                    .find(reference)
                    .chain(container -> operation.apply(routing, container))
                    .onFailure(CopyRoute::notFound)
                    .transform(missing ->
                            new EngineError.NotFound("Could not find the file " + path + " in container " + reference))
                    .subscribe()
                    .with(done -> {}, failure -> fail(routing, failure));
        } catch (RuntimeException failure) {
            fail(routing, failure);
        }
    }

    /** A container that only the host does not know is about to go. */
    private static boolean notFound(Throwable failure) {
        return failure instanceof AgentFailure refused
                && refused.code() == AgentFailure.Code.NOT_FOUND
                && !refused.getMessage().startsWith("No such container");
    }

    /** What is left of a body must be taken: the next request stands behind it. */
    private static void fail(RoutingContext routing, Throwable failure) {
        routing.request().resume();
        RouteAnswer.fail(routing, failure);
    }

    private Uni<Void> stat(RoutingContext routing, ContainerEntity container) {
        routing.request().resume();
        return agents.statPath(container.hostId, container.id, path(routing))
                .invoke(stat -> routing.response()
                        .putHeader(PathStat.HEADER, encoded(stat))
                        .end())
                .replaceWithVoid();
    }

    private String encoded(PathStat stat) {
        try {
            return Base64.getEncoder()
                    .encodeToString(json.writeValueAsString(stat).getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Uni<Void> read(RoutingContext routing, ContainerEntity container) {
        routing.request().resume();
        return answers.pass(routing, container, "archive?path=" + path(routing), "archive-path");
    }

    private Uni<Void> write(RoutingContext routing, ContainerEntity container) {
        String query = "path=" + path(routing) + "&noOverwriteDirNonDir=" + flag(routing, "noOverwriteDirNonDir")
                + "&copyUIDGID=" + flag(routing, "copyUIDGID");
        return hosts.reach(container.hostId, address -> {
                    AgentCall call = AgentCall.of(
                                    address, HttpMethod.PUT, "/containers/" + container.id + "/archive?" + query)
                            .withTimeout(null);
                    return Background.here(
                            client.upload(call, routing.request()).toCompletionStage());
                })
                .call(() -> answers.tell(container, "extract-to-dir"))
                .invoke(() -> routing.response().end());
    }

    private static String path(RoutingContext routing) {
        return URLEncoder.encode(routing.request().getParam("path"), StandardCharsets.UTF_8);
    }

    private static boolean flag(RoutingContext routing, String name) {
        return QueryValue.flag(routing.request().getParam(name));
    }
}
