package dev.gantry.agent.stdio;

import dev.gantry.agent.linux.SeqPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Path;

/**
 * One connection to conmon's attach socket. conmon sends packets of one byte (2 stdout, 3 stderr) and at most 8 KiB of
 * output, and takes packets of input; it waits for a slow reader, and closes when the output has ended. Each packet
 * arrives as a buffer whose type byte is at index {@link #TYPE_INDEX}, so that there is room for Docker's frame header
 * in front of the output without copying it.
 */
final class ConmonLink {
    static final int TYPE_INDEX = 7;
    static final int PAYLOAD_INDEX = 8;

    /** conmon reads at most this much of a packet and loses the rest (CONN_SOCK_BUF_SIZE). */
    static final int MAX_INPUT = 32 * 1024;

    /** conmon's STDIO_BUF_SIZE, with space to spare. */
    private static final int MAX_OUTPUT = 10 * 1024;

    private static final int PACKETS_PER_READ = 32;

    private final EpollDomainSocketChannel channel;
    private final EventLoop loop;

    private ConmonLink(EpollDomainSocketChannel channel, EventLoop loop) {
        this.channel = channel;
        this.loop = loop;
    }

    /**
     * Connects. When this returns, conmon will deliver everything that the process writes from now on: it accepts
     * connections before it reads output. What it sends stays in the socket until {@link #start}: Netty does not know the
     * channel before, since it reads one that the other side has closed even when told not to.
     */
    static ConmonLink connect(Path socket, EventLoop loop) throws IOException {
        EpollDomainSocketChannel channel = new EpollDomainSocketChannel(SeqPacket.connect(socket));
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT).setRecvByteBufAllocator(new PacketBuffers());
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        return new ConmonLink(channel, loop);
    }

    /** Gives packets to {@code handler} and starts reading. */
    void start(ChannelHandler handler) {
        run(() -> {
            if (channel.pipeline().get("output") != null) {
                channel.pipeline().replace("output", "output", handler);
            } else {
                channel.pipeline().addLast("output", handler);
            }
            if (channel.isRegistered()) {
                channel.config().setAutoRead(true);
            } else {
                loop.register(channel);
            }
        });
    }

    void close() {
        run(() -> {
            if (channel.isRegistered()) {
                channel.close();
            } else {
                loop.register(channel).addListener(registered -> channel.close());
            }
        });
    }

    /** Goes on reading and drops what comes: conmon would wait for an idle reader, and closing may close stdin. */
    void drain() {
        start(new Drain());
    }

    void run(Runnable action) {
        if (loop.inEventLoop()) {
            action.run();
        } else {
            loop.execute(action);
        }
    }

    Channel channel() {
        return channel;
    }

    private static final class Drain extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object packet) {
            ReferenceCountUtil.release(packet);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            ctx.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** Buffers that hold any packet, with room for a frame header before the payload. */
    private static final class PacketBuffers extends DefaultMaxMessagesRecvByteBufAllocator {
        PacketBuffers() {
            super(PACKETS_PER_READ);
        }

        @Override
        public RecvByteBufAllocator.Handle newHandle() {
            return new MaxMessageHandle() {
                @Override
                public ByteBuf allocate(ByteBufAllocator allocator) {
                    return allocator.directBuffer(MAX_OUTPUT, MAX_OUTPUT).setIndex(TYPE_INDEX, TYPE_INDEX);
                }

                /**
                 * Netty takes a read that did not fill its buffer for the last one, as it is with streams, and then
                 * waits for news. A packet never fills it, so that the next one would be left lying.
                 */
                @Override
                public int attemptedBytesRead() {
                    return lastBytesRead() > 0 ? lastBytesRead() : MAX_OUTPUT;
                }

                @Override
                public int guess() {
                    return MAX_OUTPUT;
                }
            };
        }
    }
}
