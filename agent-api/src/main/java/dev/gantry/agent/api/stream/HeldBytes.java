package dev.gantry.agent.api.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Stands in a connection's pipeline between its last HTTP message and the handler that will own the raw bytes: keeps
 * what arrives meanwhile, and whether the peer shut its sending side, and hands both over. Confined to the channel's
 * event loop.
 */
final class HeldBytes extends ChannelDuplexHandler {
    static final String NAME = "gantry-held";

    /** Vert.x' own handler, the last one of a pipeline; it stays, so that Vert.x learns when the connection closes. */
    static final String VERTX = "handler";

    /** Bytes after which reading pauses; a peer that speaks before it is answered is rare and says little. */
    private static final int LIMIT = 64 * 1024;

    private static final String[] DECODERS = {"httpDecoder", "gantry-codec"};

    private final Deque<ByteBuf> queue = new ArrayDeque<>();
    private ChannelHandlerContext context;
    private long size;
    private boolean inputShut;
    private boolean raw;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    /** No byte after this one is HTTP. What the decoder had not looked at comes here. */
    void stopDecoding() {
        for (String name : DECODERS) {
            if (context.pipeline().get(name) != null) {
                context.pipeline().remove(name);
            }
        }
    }

    /** From now on nothing of the HTTP layer is to be written or expected. */
    void becomeRaw() {
        stopDecoding();
        raw = true;
    }

    ChannelHandlerContext context() {
        return context;
    }

    /** Installs handlers in place of this one and gives the first of them everything held, in order. */
    void handTo(ChannelHandler... next) {
        Channel channel = context.channel();
        ChannelPipeline pipeline = context.pipeline();
        for (ChannelHandler each : Arrays.asList(next).reversed()) {
            pipeline.addAfter(NAME, null, each);
        }
        boolean any = !queue.isEmpty();
        for (ByteBuf held = queue.poll(); held != null; held = queue.poll()) {
            context.fireChannelRead(held);
        }
        if (any) {
            context.fireChannelReadComplete();
        }
        if (inputShut) {
            context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
        pipeline.remove(this);
        if (!channel.isActive()) {
            channel.close();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        queue.forEach(ByteBuf::release);
        queue.clear();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            hold(bytes);
        } else if (raw) {
            ReferenceCountUtil.release(message);
        } else {
            boolean last = message instanceof LastHttpContent;
            ctx.fireChannelRead(message);
            if (last) {
                stopDecoding();
            }
        }
    }

    private void hold(ByteBuf bytes) {
        queue.add(bytes);
        size += bytes.readableBytes();
        if (size > LIMIT) {
            context.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!raw) {
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            inputShut = true;
        } else if (!(event instanceof ChannelInputShutdownReadComplete)) {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        handlerRemoved(ctx);
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (raw) {
            ctx.close();
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    /** An ordinary answer after all: the connection cannot be used for another request and is closed behind it. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse response && response.status().code() >= 200) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        if (message instanceof LastHttpContent) {
            ctx.write(message, promise.unvoid()).addListener(ChannelFutureListener.CLOSE);
        } else {
            ctx.write(message, promise);
        }
    }
}
