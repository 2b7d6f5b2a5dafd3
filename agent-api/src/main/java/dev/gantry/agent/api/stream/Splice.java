package dev.gantry.agent.api.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Joins two connections: every byte of one goes to the other. End of input on one side is passed on as end of output on
 * the other while the opposite direction goes on; a broken connection breaks the other. At most {@link #HIGH_WATER}
 * bytes and one read are in memory for each direction: a slow reader makes its peer wait.
 */
public final class Splice {
    private static final int LOW_WATER = 256 * 1024;
    private static final int HIGH_WATER = 512 * 1024;

    /** After the server's end: how long a silent client may keep its own direction open. */
    private static final int LINGER_SECONDS = 10;

    private final Channel client;
    private final Channel server;
    private final ServerLife life;
    private final BrokenStream broken;
    /** Written to the client behind the last of the server. */
    private final Object farewell;

    private final AtomicInteger directionsDone = new AtomicInteger();
    private final Promise<Void> done = Promise.promise();
    private final AtomicBoolean asked = new AtomicBoolean();
    private final Promise<Void> lastWords = Promise.promise();
    private volatile boolean clientEnded;
    private volatile boolean serverEnded;
    private volatile boolean clientSpoke;

    private Splice(Channel client, Channel server, ServerLife life, BrokenStream broken, Object farewell) {
        this.client = client;
        this.server = server;
        this.life = life;
        this.broken = broken;
        this.farewell = farewell;
    }

    /**
     * Makes the two handlers; each side's {@code handTo} must then be given its own.
     *
     * @param life of the server, asked at its end
     * @param broken what the client is told when the server is not there any more
     */
    static Splice of(Channel client, Channel server, ServerLife life, BrokenStream broken) {
        return of(client, server, life, broken, Unpooled.EMPTY_BUFFER);
    }

    /** @param farewell what the client's own handlers make an end of */
    static Splice of(Channel client, Channel server, ServerLife life, BrokenStream broken, Object farewell) {
        Splice splice = new Splice(client, server, life, broken, farewell);
        tune(client);
        tune(server);
        client.closeFuture().addListener(closed -> splice.finish(client, splice.clientEnded));
        server.closeFuture().addListener(closed -> splice.finish(server, true));
        return splice;
    }

    /** Sets buffers and limits as they suit bulk bytes. */
    public static void tune(Channel channel) {
        channel.config()
                .setAllocator(PooledByteBufAllocator.DEFAULT)
                .setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(2048, 65536, 128 * 1024))
                .setWriteBufferWaterMark(new WriteBufferWaterMark(LOW_WATER, HIGH_WATER));
    }

    ChannelHandler clientHandler() {
        return new Relay(server, false);
    }

    ChannelHandler serverHandler() {
        return new Relay(client, true);
    }

    /** Completes when both connections are closed. Never fails: a cut connection is an end like another. */
    Future<Void> done() {
        return done.future();
    }

    private void directionDone() {
        if (directionsDone.incrementAndGet() == 2) {
            closeBoth();
        }
    }

    private void closeBoth() {
        client.close();
        server.close();
    }

    /** One connection is gone. What it sent before still goes to the other, unless it broke off. */
    private void finish(Channel closed, boolean complete) {
        Channel other = closed == client ? server : client;
        if (!other.isOpen()) {
            done.tryComplete();
        } else if (other == client) {
            lastWords().onComplete(said -> HalfClose.shutdownOutput(client).addListener(sent -> client.close()));
        } else if (complete) {
            HalfClose.shutdownOutput(other).addListener(sent -> other.close());
        } else {
            other.close();
        }
    }

    /** Completes, whatever comes, before the client sees the server's end: with what it is to hear of it written. */
    private Future<Void> lastWords() {
        if (asked.compareAndSet(false, true)) {
            life.asked().onComplete(answer -> server.eventLoop().execute(() -> {
                if (answer.failed()) {
                    client.write(broken.lastBytes(), client.voidPromise());
                }
                client.write(farewell, client.newPromise());
                lastWords.complete();
            }));
        }
        return lastWords.future();
    }

    /** A client that neither speaks nor leaves after the server's end would hold the connection for ever. */
    private void linger() {
        clientSpoke = false;
        client.eventLoop()
                .schedule(
                        () -> {
                            if (clientSpoke) {
                                linger();
                            } else {
                                closeBoth();
                            }
                        },
                        LINGER_SECONDS,
                        TimeUnit.SECONDS);
    }

    private final class Relay extends ChannelInboundHandlerAdapter {
        private final Channel peer;
        private final boolean fromServer;
        private boolean ended;

        Relay(Channel peer, boolean fromServer) {
            this.peer = peer;
            this.fromServer = fromServer;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            ctx.channel().config().setAutoRead(true);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            // The end of the message that asked for the stream comes by here, too.
            if (fromServer && bytes instanceof ByteBuf output) {
                broken.follow(output);
            }
            peer.write(bytes, peer.voidPromise());
            if (!fromServer && serverEnded) {
                clientSpoke = true;
            }
            if (!peer.isWritable()) {
                peer.flush();
                if (!peer.isWritable()) {
                    ctx.channel().config().setAutoRead(false);
                    // The peer may have drained between the two lines on its own event loop.
                    if (peer.isWritable()) {
                        ctx.channel().config().setAutoRead(true);
                    }
                }
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            peer.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (ctx.channel().isWritable()) {
                peer.config().setAutoRead(true);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (HalfClose.isInputEnd(event) && !ended) {
                ended = true;
                if (fromServer) {
                    lastWords().onComplete(said -> passEnd());
                } else {
                    clientEnded = true;
                    passEnd();
                }
            }
        }

        private void passEnd() {
            HalfClose.shutdownOutput(peer).addListener(shut -> {
                directionDone();
                if (fromServer) {
                    serverEnded = true;
                    linger();
                }
            });
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
