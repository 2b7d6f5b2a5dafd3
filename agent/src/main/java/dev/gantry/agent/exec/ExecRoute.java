package dev.gantry.agent.exec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerOperations.ExecExit;
import dev.gantry.agent.api.ContainerOperations.ExecPid;
import dev.gantry.agent.api.ContainerOperations.ExecSpec;
import dev.gantry.agent.api.Unexpected;
import dev.gantry.agent.api.query.InvalidQuery;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.agent.api.stream.Hijack;
import dev.gantry.agent.log.FailureAnswer;
import dev.gantry.agent.stdio.Resize;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** {@code POST /v1/containers/{id}/execs/{execId}}: starts an exec; upgraded unless it is detached. */
@ApplicationScoped
class ExecRoute {
    private static final Logger LOG = Logger.getLogger(ExecRoute.class);
    private static final String PATH = AgentProtocol.PREFIX + "/containers/:id/execs/:execId";
    private static final int BODY_LIMIT = 4 << 20;
    private static final int LONGEST_WAIT_MILLIS = 10_000;
    private static final int LARGEST_TERMINAL = 65535;

    private final StartExec start;
    private final Execs execs;
    private final ObjectMapper json;

    ExecRoute(StartExec start, Execs execs, ObjectMapper json) {
        this.start = start;
        this.execs = execs;
        this.json = json;
    }

    void register(@Observes Router router) {
        router.post(PATH).handler(this::start);
        router.post(PATH + "/resize").handler(this::resize);
        router.get(PATH + "/exit").handler(this::exit);
        router.get(PATH + "/pid").handler(this::pid);
    }

    private void start(RoutingContext context) {
        HttpServerRequest request = context.request();
        Hijack.hold(request);
        request.body()
                .onSuccess(body -> Thread.ofVirtual()
                        .name("exec-" + context.pathParam("execId"))
                        .start(() -> answering(context, () -> start(context, body))))
                .onFailure(e -> LOG.debugf("exec: %s", e.getMessage()));
        // Quarkus hands requests over paused.
        request.resume();
    }

    private void start(RoutingContext context, Buffer body) throws IOException {
        String execId = context.pathParam("execId");
        ExecSpec spec = read(body);
        if (!execId.matches("[0-9a-f]{64}")
                || spec.args() == null
                || spec.args().isEmpty()) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "an exec needs an id of 64 hex digits and a program");
        }
        if (spec.cwd() != null && !CleanPath.isPossible(spec.cwd())) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "the exec's working directory is no path");
        }
        start.start(context.pathParam("id"), execId, spec, context.request());
        if (spec.detach()) {
            context.response().setStatusCode(204).end();
        }
    }

    private ExecSpec read(Buffer body) throws IOException {
        if (body.length() > BODY_LIMIT) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "the exec's description is too long");
        }
        try {
            return json.readValue(body.getBytes(), ExecSpec.class);
        } catch (JsonProcessingException e) {
            LOG.infof("malformed body: %s", e.getOriginalMessage());
            throw Unexpected.malformed(e);
        }
    }

    private void resize(RoutingContext context) {
        Thread.ofVirtual()
                .name("exec-resize")
                .start(() -> answering(context, () -> {
                    int rows = QueryValue.number("h", context.request().getParam("h"), 1, LARGEST_TERMINAL);
                    int columns = QueryValue.number("w", context.request().getParam("w"), 1, LARGEST_TERMINAL);
                    Resize.terminal(execs.control(context.pathParam("execId")), rows, columns);
                    context.response().setStatusCode(204).end();
                }));
    }

    private void exit(RoutingContext context) {
        Thread.ofVirtual()
                .name("exec-exit")
                .start(() -> answering(context, () -> {
                    Integer exitCode = waited(context, execs.exit(context.pathParam("execId")), null);
                    context.json(new ExecExit(exitCode));
                }));
    }

    private void pid(RoutingContext context) {
        Thread.ofVirtual()
                .name("exec-pid")
                .start(() -> answering(context, () -> {
                    int pid = waited(context, execs.pid(context.pathParam("execId")), 0);
                    context.json(new ExecPid(pid));
                }));
    }

    /** @param unknown what stands for a result that is not there in time */
    private static Integer waited(RoutingContext context, CompletableFuture<Integer> result, Integer unknown) {
        int wait = QueryValue.number("wait", context.request().getParam("wait", "0"), 0, LONGEST_WAIT_MILLIS);
        return result.copy()
                .completeOnTimeout(unknown, wait, TimeUnit.MILLISECONDS)
                .join();
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void answering(RoutingContext context, Work work) {
        try {
            work.run();
        } catch (AgentFailure e) {
            FailureAnswer.send(context.response(), e);
        } catch (InvalidQuery e) {
            FailureAnswer.send(context.response(), e);
        } catch (IOException | RuntimeException e) {
            LOG.warn("exec", e);
            FailureAnswer.send(context.response(), Unexpected.failure(e));
        }
    }
}
