package dev.gantry.agent.stdio;

import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.stream.Hijack;
import dev.gantry.agent.log.Logs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * Clients on the streams of containers and execs. The lifecycle says when a container is about to start and when it has
 * ended; clients may come before, during and after. Methods may block for some milliseconds: not for event loops.
 */
@ApplicationScoped
public class Attachments {
    private final Logs logs;
    private final Map<String, ContainerStreams> containers = new ConcurrentHashMap<>();

    public Attachments(Logs logs) {
        this.logs = logs;
    }

    /** A container that may be attached to: called when it is created and when it is found again. */
    public void expect(String containerId) {
        streams(containerId);
    }

    /**
     * conmon has created the container and it is about to start, or it was found running. When this returns, every
     * client that attached before will see all of its output.
     *
     * @param conmonAttachSocket of any length
     * @param tty whether the container has a terminal
     */
    public void connect(String containerId, Path conmonAttachSocket, boolean tty) {
        logs.started(containerId);
        streams(containerId).connect(conmonAttachSocket);
    }

    /** The container has ended, or did not start. Clients still get what it wrote before. */
    public void ended(String containerId) {
        logs.ended(containerId);
        ContainerStreams streams = containers.get(containerId);
        if (streams != null) {
            streams.ended();
        }
    }

    /** The container is no more. */
    public void removed(String containerId) {
        logs.ended(containerId);
        ContainerStreams streams = containers.remove(containerId);
        if (streams != null) {
            streams.ended();
        }
    }

    void add(String containerId, StreamSession session) {
        streams(containerId).add(session);
    }

    private ContainerStreams streams(String containerId) {
        return containers.computeIfAbsent(containerId, id -> new ContainerStreams());
    }

    /**
     * Upgrades a client's request and connects it with the exec whose conmon listens at {@code attachSocket}. When this
     * returns, the client will see all output that the exec writes from now on: start it then. Nothing has been answered
     * when this fails.
     *
     * @param request call {@link Hijack#hold} on it where it arrives
     * @return to be told whether the exec came about
     * @throws dev.gantry.agent.api.AgentFailure BAD_REQUEST when the detach keys make no sense
     */
    public ExecClient exec(HttpServerRequest request, Path attachSocket, ContainerOperations.ExecSpec exec)
            throws IOException {
        StreamOptions options = new StreamOptions(
                false,
                true,
                exec.stdin(),
                exec.stdout(),
                exec.stderr(),
                exec.tty(),
                exec.framed(),
                !exec.tty(),
                DetachKeys.parse(exec.detachKeys()));
        Hijack hijack = Hijack.hold(request);
        StreamSession session = StreamSession.unsettled(hijack, options);
        ConmonLink link = ContainerStreams.connect(attachSocket, session);
        accept(hijack, options.contentType(), link);
        session.connect(link, ConmonLink::drain);
        session.ready();
        return new ExecClient(session);
    }

    private static void accept(Hijack hijack, String contentType, ConmonLink link) throws IOException {
        try {
            hijack.accept(contentType).toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            link.close();
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            link.close();
            throw new IOException("interrupted", e);
        }
    }

    /** Upgrades a request only to tell, in its stream, why there is nothing to see: Docker does so for execs. */
    public void refuse(HttpServerRequest request, boolean framed, String message) {
        Hijack hijack = Hijack.hold(request);
        hijack.accept(StreamOptions.contentType(framed)).onSuccess(accepted -> hijack.channel()
                .writeAndFlush(lastWords(framed, message))
                .addListener(ChannelFutureListener.CLOSE));
    }

    static ByteBuf lastWords(boolean framed, String message) {
        byte[] text = (message + "\r\n").getBytes(StandardCharsets.UTF_8);
        ByteBuf answer = Unpooled.buffer(StdStream.HEADER + text.length);
        if (framed) {
            answer.writeInt(StdStream.STDOUT.number() << 24).writeInt(text.length);
        }
        return answer.writeBytes(text);
    }
}
