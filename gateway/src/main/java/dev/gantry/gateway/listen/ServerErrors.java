package dev.gantry.gateway.listen;

import dev.gantry.agent.api.AgentProtocol;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import org.jboss.logging.Logger;

/** One line in the log for every answer of 500 and above that leaves, whoever made it, with the request's id. */
final class ServerErrors extends ChannelDuplexHandler {
    private static final Logger LOG = Logger.getLogger(ServerErrors.class);
    private static final int LONGEST = 200;

    private String request = "";

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest head) {
            String path = head.uri().split("\\?", 2)[0];
            request = head.method() + " " + path.substring(0, Math.min(path.length(), LONGEST));
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse head && head.status().code() >= 500) {
            LOG.warnf(
                    "%s was answered %d; request %s",
                    request, head.status().code(), head.headers().get(AgentProtocol.REQUEST_ID_HEADER));
        }
        ctx.write(message, promise);
    }
}
