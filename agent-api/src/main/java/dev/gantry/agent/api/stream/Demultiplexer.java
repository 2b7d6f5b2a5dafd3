package dev.gantry.agent.api.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** Takes Docker's frames (see {@link BrokenStream}) off what is written: all that is in them goes out as one stream. */
final class Demultiplexer extends ChannelOutboundHandlerAdapter {
    private static final int HEADER = 8;

    private int headerBytes;
    private int length;
    private long payload;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
            ctx.write(message, promise);
            return;
        }
        try {
            while (bytes.isReadable()) {
                if (payload > 0) {
                    int part = (int) Math.min(payload, bytes.readableBytes());
                    payload -= part;
                    ctx.write(bytes.readRetainedSlice(part), ctx.voidPromise());
                } else {
                    header(bytes.readByte());
                }
            }
        } finally {
            bytes.release();
        }
        promise.trySuccess();
    }

    private void header(byte next) {
        length = length << 8 | next & 0xff;
        if (++headerBytes == HEADER) {
            headerBytes = 0;
            payload = Integer.toUnsignedLong(length);
        }
    }
}
