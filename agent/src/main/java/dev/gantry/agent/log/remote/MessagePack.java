package dev.gantry.agent.log.remote;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Writes the few forms of MessagePack that fluentd is told lines in. */
final class MessagePack {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** @param size below 16 */
    MessagePack array(int size) {
        out.write(0x90 | size);
        return this;
    }

    MessagePack map(int size) {
        if (size < 16) {
            out.write(0x80 | size);
        } else {
            out.writeBytes(ByteBuffer.allocate(5).put((byte) 0xdf).putInt(size).array());
        }
        return this;
    }

    MessagePack string(byte[] text) {
        if (text.length < 32) {
            out.write(0xa0 | text.length);
        } else if (text.length < 256) {
            out.write(0xd9);
            out.write(text.length);
        } else {
            out.writeBytes(
                    ByteBuffer.allocate(5).put((byte) 0xdb).putInt(text.length).array());
        }
        out.writeBytes(text);
        return this;
    }

    MessagePack number(long value) {
        out.writeBytes(ByteBuffer.allocate(9).put((byte) 0xd3).putLong(value).array());
        return this;
    }

    /** fluentd's own type 0, of eight bytes: seconds and nanoseconds. */
    MessagePack eventTime(Instant time) {
        out.writeBytes(ByteBuffer.allocate(10)
                .put((byte) 0xd7)
                .put((byte) 0)
                .putInt((int) time.getEpochSecond())
                .putInt(time.getNano())
                .array());
        return this;
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }
}
