package dev.gantry.agent.api.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends of connections are tried by {@code AttachWebSocketTest}: a channel in memory has no halves. */
class WebSocketFramesTest {
    private static final byte[] MASK = {7, 0, 9, -1};

    private static byte[] frame(int first, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        ByteBuf frame = Unpooled.buffer().writeByte(first);
        if (payload.length < 126) {
            frame.writeByte(0x80 | payload.length);
        } else if (payload.length < 65536) {
            frame.writeByte(0x80 | 126).writeShort(payload.length);
        } else {
            frame.writeByte(0x80 | 127).writeLong(payload.length);
        }
        frame.writeBytes(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.writeByte(payload[i] ^ MASK[i % 4]);
        }
        return ByteBufUtil.getBytes(frame);
    }

    private static String read(EmbeddedChannel channel) {
        StringBuilder all = new StringBuilder();
        for (ByteBuf next = channel.readInbound(); next != null; next = channel.readInbound()) {
            all.append(next.toString(StandardCharsets.UTF_8));
            next.release();
        }
        return all.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 1000, 1_000_000})
    void payload_is_what_was_masked_however_it_comes(int piece) {
        EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrames(true));
        String text = "x".repeat(300) + "y".repeat(80_000);
        byte[] bytes = ByteBufUtil.getBytes(Unpooled.wrappedBuffer(
                frame(0x01, "be"), frame(0x89, "ping"), frame(0x80, "gin"), frame(0x82, ""), frame(0x82, text)));

        for (int at = 0; at < bytes.length; at += piece) {
            channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(piece, bytes.length - at)));
        }

        assertEquals("begin" + text, read(channel));
        ByteBuf pong = channel.readOutbound();
        assertArrayEquals(new byte[] {(byte) 0x8a, 4, 'p', 'i', 'n', 'g'}, ByteBufUtil.getBytes(pong));
        assertNull(channel.readOutbound());
    }

    @ParameterizedTest
    @CsvSource({"125,2", "126,4", "65535,4", "65536,10"})
    void what_is_written_goes_out_in_frames(int size, int head) {
        EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrames(false));

        channel.writeOutbound(Unpooled.wrappedBuffer(new byte[size]));

        ByteBuf first = channel.readOutbound();
        assertEquals(head, first.readableBytes());
        assertEquals(0x81, first.getUnsignedByte(0));
        ByteBuf second = channel.readOutbound();
        assertEquals(size, second.readableBytes());
    }

    @Test
    void dockers_own_frames_are_taken_off() {
        EmbeddedChannel channel = new EmbeddedChannel(new Demultiplexer());
        byte[] frames = {1, 0, 0, 0, 0, 0, 0, 3, 'o', 'u', 't', 2, 0, 0, 0, 0, 0, 0, 3, 'e', 'r', 'r'};
        for (byte each : frames) {
            channel.writeOutbound(Unpooled.wrappedBuffer(new byte[] {each}));
        }
        channel.writeOutbound(Unpooled.wrappedBuffer(frames));

        StringBuilder all = new StringBuilder();
        for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            all.append(next.toString(StandardCharsets.UTF_8));
        }
        assertEquals("outerrouterr", all.toString());
    }
}
