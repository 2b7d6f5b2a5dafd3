package dev.gantry.gateway.request;

import dev.gantry.engine.EngineError;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.LastHttpContent;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Room for the large bodies of all requests that are under way in this process. What is made of them takes many times
 * their length, of a heap that ends the process when it is full. Small bodies need no room.
 */
@Singleton
final class LargeBodies {
    private static final int SMALL = 64 << 10;

    private static final long ROOM = 64 << 20;
    /** It is there as it came, as it is checked and as its owner reads it: 16 MiB of bodies are all. */
    private static final int OF_A_BYTE = 4;
    /** A node of a tree, and its place in a list or map. */
    private static final int OF_A_VALUE = 64;

    /** The last of Vert.x' handlers, behind which nothing sees the answer. */
    private static final String LAST = "handler";

    private final AtomicLong free = new AtomicLong(ROOM);

    /** For the request that the connection serves now; what it takes is given back with the end of the answer. */
    Claim claim(Channel channel) {
        return new Claim(channel);
    }

    /** The room of one body. Confined to the channel's event loop. */
    final class Claim {
        private final Channel channel;
        private long taken;

        private Claim(Channel channel) {
            this.channel = channel;
        }

        /**
         * Takes as much as a body needs of which that much is known.
         *
         * @throws EngineError.Unavailable when there is not enough room
         */
        void cover(long bytes, long values) {
            long needed = bytes <= SMALL ? 0 : bytes * OF_A_BYTE + values * OF_A_VALUE;
            if (needed <= taken) {
                return;
            }
            if (free.addAndGet(taken - needed) < 0) {
                free.addAndGet(needed - taken);
                throw new EngineError.Unavailable("too many large requests at once");
            }
            if (taken == 0) {
                channel.pipeline().addBefore(LAST, null, new Return());
            }
            taken = needed;
        }

        private final class Return extends ChannelOutboundHandlerAdapter {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ctx.write(message, promise);
                if (message instanceof LastHttpContent) {
                    ctx.pipeline().remove(this);
                }
            }

            /** With the connection's end, too. */
            @Override
            public void handlerRemoved(ChannelHandlerContext ctx) {
                free.addAndGet(taken);
                taken = 0;
            }
        }
    }
}
