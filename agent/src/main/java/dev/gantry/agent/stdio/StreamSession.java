package dev.gantry.agent.stdio;

import dev.gantry.agent.api.stream.HalfClose;
import dev.gantry.agent.api.stream.Hijack;
import dev.gantry.agent.api.stream.Splice;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One client on one process's streams. Waits until {@link #connect}, then output goes to the client in Docker's frames,
 * and what the client sends goes to the process's stdin. Ends when the output has ended, when the client leaves, and when
 * it detaches: by keys, or by the end of its input where that does not end the process's (dockerd does the same).
 */
final class StreamSession {
    /** How long a client may keep sending behind the end of output; closing at once could cut output still on its way. */
    private static final int LINGER_MILLIS = 1_000;

    private final Hijack hijack;
    private final Channel client;
    private final StreamOptions options;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    /** What there is to say behind the output, null for nothing; the stream does not end before that is known. */
    private final CompletableFuture<String> lastWords;

    private volatile ConmonLink link;
    private volatile ContainerInput input;
    private Consumer<ConmonLink> release;
    /** The client has sent everything, in good order. */
    private volatile boolean inputEnded;

    private boolean left;

    StreamSession(Hijack hijack, StreamOptions options) {
        this(hijack, options, CompletableFuture.completedFuture(null));
    }

    /** One whose process may not come about: {@link #settle} is to be called. */
    static StreamSession unsettled(Hijack hijack, StreamOptions options) {
        return new StreamSession(hijack, options, new CompletableFuture<>());
    }

    private StreamSession(Hijack hijack, StreamOptions options, CompletableFuture<String> lastWords) {
        this.lastWords = lastWords;
        this.hijack = hijack;
        this.client = hijack.channel();
        this.options = options;
        client.closeFuture().addListener(closed -> {
            leave();
            ended.complete(null);
        });
    }

    StreamOptions options() {
        return options;
    }

    EventLoop loop() {
        return client.eventLoop();
    }

    Channel client() {
        return client;
    }

    /** Completes when the client's connection is closed. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** The client has been answered, and shown what came before: the streams may begin. */
    void ready() {
        ready.complete(null);
    }

    /**
     * Gives the session its process; the streams begin when the client is {@link #ready} too. Called once.
     *
     * @param whenLeft what becomes of the link when the client leaves before the output ends
     */
    void connect(ConmonLink conmon, Consumer<ConmonLink> whenLeft) {
        synchronized (this) {
            link = conmon;
            release = whenLeft;
            input = new ContainerInput(conmon, () -> client.config().setAutoRead(true));
        }
        if (client.isOpen()) {
            ready.thenRun(this::begin);
        } else {
            leave();
        }
    }

    private void begin() {
        Splice.tune(client);
        link.start(new FromContainer());
        hijack.handTo(new FromClient());
    }

    /** Ends the client's stream behind what was sent. */
    void end() {
        ready.thenRun(this::shutDown);
    }

    /** @param words the stream's last line; null for an end with the output */
    void settle(String words) {
        lastWords.complete(words);
    }

    private void endWithLastWords() {
        lastWords.thenAccept(words -> {
            if (words != null) {
                client.writeAndFlush(Attachments.lastWords(options.framed(), words), client.voidPromise());
            }
            end();
        });
    }

    private void shutDown() {
        HalfClose.shutdownOutput(client).addListener(shut -> {
            if (shut.isSuccess()) {
                client.eventLoop().schedule(() -> client.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                client.close();
            }
        });
    }

    /** The client is gone or has detached; the process goes on. */
    private void leave() {
        synchronized (this) {
            if (left || link == null) {
                return;
            }
            left = true;
        }
        boolean ownsStdin = options.stdin() && options.closeStdin();
        if (ownsStdin && !inputEnded) {
            // conmon closes the process's stdin with the connection.
            link.close();
        } else {
            release.accept(link);
        }
    }

    private void detach() {
        leave();
        end();
    }

    private final class FromContainer extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf packet = (ByteBuf) message;
            StdStream from = StdStream.ofPacket(packet.getByte(ConmonLink.TYPE_INDEX));
            int length = packet.writerIndex() - ConmonLink.PAYLOAD_INDEX;
            if (length <= 0 || !options.wants(from)) {
                packet.release();
                return;
            }
            if (!options.framed()) {
                packet.readerIndex(ConmonLink.PAYLOAD_INDEX);
            } else {
                packet.setInt(0, from.number() << 24).setInt(4, length).readerIndex(0);
            }
            client.write(packet, client.voidPromise());
            if (!client.isWritable()) {
                client.flush();
                pauseUnlessWritable(ctx.channel());
            }
        }

        private void pauseUnlessWritable(Channel conmon) {
            if (!client.isWritable()) {
                conmon.config().setAutoRead(false);
                if (client.isWritable()) {
                    conmon.config().setAutoRead(true);
                }
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            client.flush();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (HalfClose.isInputEnd(event)) {
                ctx.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            endWithLastWords();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private final class FromClient extends ChannelInboundHandlerAdapter {
        private final DetachKeys keys = new DetachKeys(options.detachKeys());
        private boolean detached;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            client.config().setAutoRead(true);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (!options.stdin() || detached) {
                ReferenceCountUtil.release(message);
                return;
            }
            ByteBuf bytes = (ByteBuf) message;
            if (options.tty()) {
                ByteBuf typed = ctx.alloc().directBuffer(bytes.readableBytes() + options.detachKeys().length);
                detached = keys.scan(bytes, typed);
                bytes.release();
                bytes = typed;
            }
            send(bytes);
            if (detached) {
                link.run(StreamSession.this::detach);
            }
        }

        private void send(ByteBuf bytes) {
            // Counted on the link's own loop, which may be another one; at most a few reads pass before it says stop.
            link.run(() -> {
                if (!input.add(bytes)) {
                    client.config().setAutoRead(false);
                }
            });
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (client.isWritable()) {
                link.channel().config().setAutoRead(true);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!HalfClose.isInputEnd(event) || !options.stdin() || inputEnded) {
                return;
            }
            inputEnded = true;
            if (options.closeStdin()) {
                link.run(() -> input.end());
            } else {
                link.run(StreamSession.this::detach);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
