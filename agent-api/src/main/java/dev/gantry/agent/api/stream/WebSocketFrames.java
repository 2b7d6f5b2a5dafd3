package dev.gantry.agent.api.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/**
 * The server's side of a websocket's frames (RFC 6455) around a stream of bytes: what is written goes out in frames, of what comes
 * in the payload is passed on as it comes, text as well as binary, however long a frame says it is and in however many a
 * message comes. Pings are answered, a close is answered and ends the input. What breaks the protocol is answered by a close
 * and ends the connection.
 */
final class WebSocketFrames extends ChannelDuplexHandler {
    /** Written behind the last bytes: says that this was all. */
    static final Object END = new Object();

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int MAX_CONTROL = 125;
    private static final int LONGER = 126;
    private static final int LONGEST = 127;
    private static final int NORMAL = 1000;
    private static final int PROTOCOL_ERROR = 1002;

    private final int opcode;

    /** Two bytes, up to eight more of the length, four of the mask. */
    private final byte[] head = new byte[14];

    private int headLength;
    private long left = -1;
    private int maskAt;
    private int maskOffset;
    private boolean inMessage;
    private final byte[] control = new byte[MAX_CONTROL];
    private int controlLength;
    private boolean closeSent;
    private boolean inputOver;

    /** @param binary kind of the frames that go out; text otherwise */
    WebSocketFrames(boolean binary) {
        this.opcode = binary ? BINARY : TEXT;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            ctx.fireChannelRead(message);
            return;
        }
        try {
            while (bytes.isReadable() && !inputOver) {
                if (left < 0) {
                    readHead(ctx, bytes);
                } else {
                    readPayload(ctx, bytes);
                }
            }
        } finally {
            bytes.release();
        }
    }

    private void readHead(ChannelHandlerContext ctx, ByteBuf bytes) {
        head[headLength++] = bytes.readByte();
        if (headLength == 2 && isWrong()) {
            fail(ctx);
            return;
        }
        if (headLength < 2 || headLength < headSize()) {
            return;
        }
        left = length();
        if (left < 0) {
            fail(ctx);
            return;
        }
        maskAt = headLength - 4;
        maskOffset = 0;
        controlLength = 0;
        headLength = 0;
        if (!isControl()) {
            inMessage = (head[0] & FINAL) == 0;
        }
        if (left == 0) {
            frameRead(ctx);
        }
    }

    private int code() {
        return head[0] & 0x0f;
    }

    private boolean isControl() {
        return code() >= CLOSE;
    }

    private boolean isWrong() {
        int code = code();
        boolean known = code <= BINARY || code >= CLOSE && code <= PONG;
        boolean reserved = (head[0] & 0x70) != 0;
        boolean masked = (head[1] & MASKED) != 0;
        if (!known || reserved || !masked) {
            return true;
        }
        if (isControl()) {
            return (head[0] & FINAL) == 0 || (head[1] & 0x7f) > MAX_CONTROL;
        }
        return (code == CONTINUATION) != inMessage;
    }

    private int headSize() {
        int length = head[1] & 0x7f;
        return 6 + (length == LONGER ? 2 : length == LONGEST ? 8 : 0);
    }

    /** Negative when it is no length. */
    private long length() {
        int length = head[1] & 0x7f;
        int more = length == LONGER ? 2 : length == LONGEST ? 8 : 0;
        if (more == 0) {
            return length;
        }
        long sum = 0;
        for (int i = 2; i < 2 + more; i++) {
            sum = sum << 8 | head[i] & 0xff;
        }
        return sum;
    }

    private void readPayload(ChannelHandlerContext ctx, ByteBuf bytes) {
        int count = (int) Math.min(left, bytes.readableBytes());
        ByteBuf part = ctx.alloc().buffer(count).writeBytes(bytes, count);
        for (int i = 0; i < count; i++) {
            part.setByte(i, part.getByte(i) ^ head[maskAt + (maskOffset + i & 3)]);
        }
        maskOffset = maskOffset + count & 3;
        left -= count;
        if (isControl()) {
            part.readBytes(control, controlLength, count);
            controlLength += count;
            part.release();
        } else {
            ctx.fireChannelRead(part);
        }
        if (left == 0) {
            frameRead(ctx);
        }
    }

    private void frameRead(ChannelHandlerContext ctx) {
        left = -1;
        switch (code()) {
            case PING -> pong(ctx);
            case CLOSE -> {
                close(ctx, NORMAL);
                endInput(ctx);
            }
            default -> {}
        }
    }

    /** None for one that sends pings and reads nothing: its answers would pile up. */
    private void pong(ChannelHandlerContext ctx) {
        if (!closeSent && ctx.channel().isWritable()) {
            ctx.writeAndFlush(frame(ctx, PONG, control, controlLength), ctx.voidPromise());
        }
    }

    private void fail(ChannelHandlerContext ctx) {
        close(ctx, PROTOCOL_ERROR);
        endInput(ctx);
    }

    private void close(ChannelHandlerContext ctx, int reason) {
        if (!closeSent) {
            closeSent = true;
            byte[] code = {(byte) (reason >> 8), (byte) reason};
            ctx.writeAndFlush(frame(ctx, CLOSE, code, code.length), ctx.voidPromise());
        }
    }

    /** What was said before still comes to whom it was said to; then nobody is there any more. */
    private void endInput(ChannelHandlerContext ctx) {
        inputOver = true;
        ctx.fireChannelReadComplete();
        ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        HalfClose.shutdownOutput(ctx.channel()).addListener(said -> ctx.close());
    }

    private static ByteBuf frame(ChannelHandlerContext ctx, int code, byte[] payload, int length) {
        return ctx.alloc()
                .buffer(2 + length)
                .writeByte(FINAL | code)
                .writeByte(length)
                .writeBytes(payload, 0, length);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message == END) {
            close(ctx, NORMAL);
            promise.trySuccess();
        } else if (message instanceof ByteBuf bytes && bytes.isReadable()) {
            if (closeSent) {
                bytes.release();
                promise.trySuccess();
            } else {
                ctx.write(head(ctx, bytes.readableBytes()), ctx.voidPromise());
                ctx.write(bytes, promise);
            }
        } else {
            ctx.write(message, promise);
        }
    }

    private ByteBuf head(ChannelHandlerContext ctx, int length) {
        ByteBuf frame = ctx.alloc().buffer(10).writeByte(FINAL | opcode);
        if (length <= MAX_CONTROL) {
            return frame.writeByte(length);
        }
        return length <= 0xffff
                ? frame.writeByte(LONGER).writeShort(length)
                : frame.writeByte(LONGEST).writeLong(length);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        inputOver = true;
    }
}
