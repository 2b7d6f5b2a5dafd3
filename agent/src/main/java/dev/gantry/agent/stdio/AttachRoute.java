package dev.gantry.agent.stdio;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.agent.api.stream.Hijack;
import dev.gantry.agent.log.FailureAnswer;
import dev.gantry.agent.log.LogQuery;
import dev.gantry.agent.log.Logs;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code POST /v1/containers/{id}/attach}: a client on a container's streams, before it starts or while it runs. */
@ApplicationScoped
public class AttachRoute {
    private final Attachments attachments;
    private final Logs logs;

    public AttachRoute(Attachments attachments, Logs logs) {
        this.attachments = attachments;
        this.logs = logs;
    }

    public void register(@Observes Router router) {
        router.post(AgentProtocol.PREFIX + "/containers/:id/attach").handler(this::attach);
    }

    private void attach(RoutingContext context) {
        Hijack hijack = Hijack.hold(context.request());
        String id = context.pathParam("id");
        Thread.ofVirtual().name("attach-" + id).start(() -> {
            try {
                attach(hijack, context.request(), logs.spec(id));
            } catch (AgentFailure e) {
                FailureAnswer.send(context.response(), e);
            }
        });
    }

    private void attach(Hijack hijack, HttpServerRequest request, ContainerSpec spec) {
        StreamOptions options = options(request, spec.process());
        StreamSession session = new StreamSession(hijack, options);
        // Before the answer: a client that has it may start the container, and shall miss nothing.
        if (options.stream()) {
            attachments.add(spec.id(), session);
        }
        // What is written from here on comes by the stream.
        LogQuery before = LogQuery.upToNow(options.stdout(), options.stderr());
        hijack.accept(options.contentType()).onSuccess(accepted -> {
            if (options.logs()) {
                Thread.startVirtualThread(() -> replay(spec, before, session));
            } else {
                begin(session);
            }
        });
    }

    private static void begin(StreamSession session) {
        session.ready();
        if (!session.options().stream()) {
            session.end();
        }
    }

    private void replay(ContainerSpec spec, LogQuery before, StreamSession session) {
        Channel client = session.client();
        try {
            logs.copy(spec, before, chunk -> write(client, chunk), client::isActive);
            begin(session);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            client.close();
        }
    }

    private static CompletionStage<Void> write(Channel client, ByteBuf chunk) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        client.writeAndFlush(chunk).addListener(done -> {
            if (done.isSuccess()) {
                written.complete(null);
            } else {
                written.completeExceptionally(done.cause());
            }
        });
        return written;
    }

    private static StreamOptions options(HttpServerRequest request, ContainerSpec.ProcessSpec process) {
        StreamOptions asked = asked(request, process);
        // Of a terminal's stderr there is nothing to wait for, nor of the input of a process without one.
        return asked.wantsAny() ? asked : asked.withoutStream();
    }

    private static StreamOptions asked(HttpServerRequest request, ContainerSpec.ProcessSpec process) {
        return new StreamOptions(
                QueryValue.flag(request.getParam("logs")),
                QueryValue.flag(request.getParam("stream")),
                process.stdin() && QueryValue.flag(request.getParam("stdin")),
                QueryValue.flag(request.getParam("stdout")),
                QueryValue.flag(request.getParam("stderr")),
                process.tty(),
                !process.tty(),
                process.stdin() && process.stdinOnce() && !process.tty(),
                DetachKeys.parse(request.getParam("detachKeys")));
    }
}
