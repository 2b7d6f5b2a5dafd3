package dev.gantry.agent.api.stream;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;

/** End of one direction of a connection, the other staying open; over TLS it is the close_notify alert. */
public final class HalfClose {
    private HalfClose() {}

    /** Sends what was written so far, then end of file. The channel must allow half closure. */
    public static ChannelFuture shutdownOutput(Channel channel) {
        ChannelPromise done = channel.newPromise();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (!written.isSuccess()) {
                done.tryFailure(written.cause());
                return;
            }
            SslHandler ssl = channel.pipeline().get(SslHandler.class);
            ChannelFuture shut = ssl != null ? ssl.closeOutbound() : ((DuplexChannel) channel).shutdownOutput();
            shut.addListener(ended -> {
                if (ended.isSuccess()) {
                    done.trySuccess();
                } else {
                    done.tryFailure(ended.cause());
                }
            });
        });
        return done;
    }

    /** Whether a pipeline's event says that the peer will send nothing more. */
    public static boolean isInputEnd(Object event) {
        return event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent;
    }
}
