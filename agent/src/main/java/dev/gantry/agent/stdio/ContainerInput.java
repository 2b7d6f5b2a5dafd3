package dev.gantry.agent.stdio;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Input on its way to a process. Writes one packet at a time: Netty joins waiting buffers in one call, which on this
 * kind of socket would make them one packet, too long for conmon. Confined to the link's event loop.
 */
final class ContainerInput {
    /** Bytes waiting after which the client is not read any more. */
    private static final int HIGH_WATER = 256 * 1024;

    private final ConmonLink link;
    private final Runnable drained;
    private final Deque<ByteBuf> queue = new ArrayDeque<>();
    private int waiting;
    private boolean writing;
    private boolean ended;

    /** @param drained called when there is room again, after {@link #add} said that there is none */
    ContainerInput(ConmonLink link, Runnable drained) {
        this.link = link;
        this.drained = drained;
        link.channel().closeFuture().addListener(closed -> release());
    }

    /** @return whether there is room for more */
    boolean add(ByteBuf bytes) {
        if (!bytes.isReadable() || ended || !link.channel().isOpen()) {
            bytes.release();
            return true;
        }
        queue.add(bytes);
        waiting += bytes.readableBytes();
        writeNext();
        return waiting < HIGH_WATER;
    }

    /** Closes the process's stdin behind what was added. */
    void end() {
        ended = true;
        writeNext();
    }

    private void writeNext() {
        if (writing || !link.channel().isOpen()) {
            return;
        }
        ByteBuf head = queue.peek();
        if (head == null) {
            if (ended) {
                link.channel().writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER);
                ((io.netty.channel.socket.DuplexChannel) link.channel()).shutdownOutput();
            }
            return;
        }
        int size = Math.min(head.readableBytes(), ConmonLink.MAX_INPUT);
        ByteBuf packet = size == head.readableBytes() ? queue.poll() : head.readRetainedSlice(size);
        writing = true;
        link.channel().writeAndFlush(packet).addListener(written -> {
            writing = false;
            boolean wasFull = waiting >= HIGH_WATER;
            waiting -= size;
            if (wasFull && waiting < HIGH_WATER) {
                drained.run();
            }
            writeNext();
        });
    }

    private void release() {
        queue.forEach(ByteBuf::release);
        queue.clear();
        drained.run();
    }
}
