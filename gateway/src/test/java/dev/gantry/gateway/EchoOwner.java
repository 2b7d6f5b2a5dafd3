package dev.gantry.gateway;

import dev.gantry.agent.api.stream.HalfClose;
import dev.gantry.agent.api.stream.Hijack;
import dev.gantry.engine.principal.Principal;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** Streams of a service in the gateway's own process that takes its time to upgrade, then sends back what it gets. */
@ApplicationScoped
class EchoOwner {
    private static final int THOUGHT_MILLIS = 200;

    void register(@Observes Router router) {
        router.post("/containers/:id/attach").order(-10).handler(EchoOwner::serve);
        router.post("/exec/:id/start").order(-10).handler(EchoOwner::serve);
    }

    private static void serve(RoutingContext context) {
        context.request().resume();
        context.response().putHeader("X-Seen-Principal", context.request().getHeader(Principal.HEADER));
        context.vertx().setTimer(THOUGHT_MILLIS, _ -> {
            Hijack hijack = Hijack.hold(context.request());
            hijack.accept(null).onSuccess(_ -> hijack.handTo(new Echo()));
        });
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            ctx.channel().config().setAutoRead(true);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ctx.writeAndFlush(bytes);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (HalfClose.isInputEnd(event)) {
                HalfClose.shutdownOutput(ctx.channel()).addListener(_ -> ctx.close());
            }
        }
    }
}
