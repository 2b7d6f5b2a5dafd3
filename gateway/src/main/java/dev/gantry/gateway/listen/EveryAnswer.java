package dev.gantry.gateway.listen;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.trace.Traces;
import dev.gantry.gateway.request.DockerEndpoint;
import dev.gantry.gateway.route.Route;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.opentelemetry.api.trace.Span;
import org.jboss.logging.Logger;

/**
 * What happens to every answer that leaves, whoever made it: its time is taken, its span ends, and one of 500 and above has
 * a line in the log, with the request's id.
 */
final class EveryAnswer extends ChannelDuplexHandler {
    private static final Logger LOG = Logger.getLogger(EveryAnswer.class);
    private static final int LONGEST = 200;
    private static final int CONTINUE = 100;
    private static final int SWITCHING = 101;

    private final OperationTimes times;
    private String method = "";
    private String uri = "";
    private long since;

    EveryAnswer(OperationTimes times) {
        this.times = times;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest head) {
            method = head.method().name();
            uri = head.uri();
            since = System.nanoTime();
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse head && head.status().code() != CONTINUE) {
            answered(ctx, head);
        }
        ctx.write(message, promise);
    }

    /** From a connection that becomes a stream all of HTTP is taken, and this with it, before the answer is written. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (since != 0 && ctx.channel().isActive()) {
            took(ctx, SWITCHING);
        }
    }

    private void took(ChannelHandlerContext ctx, int status) {
        // What was refused before its route was known has none.
        Route route = ctx.channel().attr(DockerEndpoint.ROUTE).getAndSet(null);
        times.answered(route, status, System.nanoTime() - since);
        since = 0;
        Span span = ctx.channel().attr(DockerEndpoint.SPAN).getAndSet(null);
        if (span != null) {
            Traces.end(span, status);
        }
    }

    /** A client that left before its answer. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Span span = ctx.channel().attr(DockerEndpoint.SPAN).getAndSet(null);
        if (span != null) {
            span.end();
        }
        ctx.fireChannelInactive();
    }

    private void answered(ChannelHandlerContext ctx, HttpResponse head) {
        int status = head.status().code();
        took(ctx, status);
        if (status >= 500) {
            String path = uri.split("\\?", 2)[0];
            LOG.warnf(
                    "%s %s was answered %d; request %s",
                    method,
                    path.substring(0, Math.min(path.length(), LONGEST)),
                    status,
                    head.headers().get(AgentProtocol.REQUEST_ID_HEADER));
        }
    }
}
