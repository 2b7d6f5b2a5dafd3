package dev.gantry.agent.log;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.query.InvalidQuery;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** {@code GET /v1/containers/{id}/logs}: the log as a stream of Docker's frames. */
@ApplicationScoped
public class LogRoute {
    private final Logs logs;

    public LogRoute(Logs logs) {
        this.logs = logs;
    }

    public void register(@Observes Router router) {
        router.get(AgentProtocol.PREFIX + "/containers/:id/logs").handler(this::read);
    }

    private void read(RoutingContext context) {
        String id = context.pathParam("id");
        Thread.ofVirtual().name("logs-" + id).start(() -> {
            try {
                read(context.request(), id);
            } catch (AgentFailure e) {
                FailureAnswer.send(context.response(), e);
            } catch (InvalidQuery e) {
                FailureAnswer.send(context.response(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                context.response().reset();
            }
        });
    }

    private void read(HttpServerRequest request, String id) throws InterruptedException {
        LogQuery query = LogQuery.parse(request::getParam);
        ContainerSpec spec = logs.spec(id);
        logs.requireReadable(spec);
        HttpServerResponse response = request.response();
        response.setChunked(true)
                .putHeader(
                        "Content-Type",
                        spec.process().tty()
                                ? "application/vnd.docker.raw-stream"
                                : "application/vnd.docker.multiplexed-stream");
        // The head goes out at once: a follower may wait for hours for the first line.
        response.write(Buffer.buffer());
        logs.copy(
                spec,
                query,
                chunk -> response.write(Buffer.buffer(chunk)).toCompletionStage(),
                () -> !response.closed());
        response.end();
    }
}
