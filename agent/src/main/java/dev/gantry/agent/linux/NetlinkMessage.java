package dev.gantry.agent.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** One netlink message being built: header, fixed part, then attributes, each aligned to four bytes (netlink(7)). */
public final class NetlinkMessage {
    static final int HEADER = 16;
    private static final int SEQUENCE_OFFSET = 8;
    private static final int CAPACITY = 2048;

    private final ByteBuffer buffer = ByteBuffer.allocate(CAPACITY).order(ByteOrder.nativeOrder());
    private final String name;

    /**
     * @param name what the request does, for error messages
     * @param flags {@code NLM_F_*} besides {@code NLM_F_REQUEST}
     */
    public NetlinkMessage(String name, int type, int flags) {
        this.name = name;
        buffer.putInt(0).putShort((short) type).putShort((short) (flags | Netlink.REQUEST));
        buffer.putInt(0).putInt(0);
    }

    public NetlinkMessage putByte(int value) {
        buffer.put((byte) value);
        return this;
    }

    public NetlinkMessage putShort(int value) {
        buffer.putShort((short) value);
        return this;
    }

    public NetlinkMessage putInt(int value) {
        buffer.putInt(value);
        return this;
    }

    public NetlinkMessage attribute(int type, byte[] value) {
        buffer.putShort((short) (value.length + 4)).putShort((short) type).put(value);
        return align();
    }

    public NetlinkMessage attribute(int type, int value) {
        buffer.putShort((short) 8).putShort((short) type).putInt(value);
        return this;
    }

    public NetlinkMessage attribute(int type, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        byte[] terminated = new byte[text.length + 1];
        System.arraycopy(text, 0, terminated, 0, text.length);
        return attribute(type, terminated);
    }

    public NetlinkMessage byteAttribute(int type, int value) {
        return attribute(type, new byte[] {(byte) value});
    }

    public NetlinkMessage shortAttribute(int type, int value) {
        return attribute(
                type,
                ByteBuffer.allocate(Short.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .putShort((short) value)
                        .array());
    }

    /** An attribute that holds what {@code content} adds. */
    public NetlinkMessage nested(int type, Consumer<NetlinkMessage> content) {
        int start = buffer.position();
        buffer.putShort((short) 0).putShort((short) type);
        content.accept(this);
        buffer.putShort(start, (short) (buffer.position() - start));
        return align();
    }

    private NetlinkMessage align() {
        buffer.position((buffer.position() + 3) & ~3);
        return this;
    }

    String name() {
        return name;
    }

    byte[] bytes(int sequence, int extraFlags) {
        buffer.putInt(0, buffer.position());
        buffer.putShort(6, (short) (buffer.getShort(6) | extraFlags));
        buffer.putInt(SEQUENCE_OFFSET, sequence);
        byte[] bytes = new byte[buffer.position()];
        buffer.get(0, bytes);
        return bytes;
    }

    /**
     * A message from the kernel.
     *
     * @param payload what follows the header, in native byte order
     */
    public record Received(int type, ByteBuffer payload) {
        /** The attributes after a fixed part of {@code offset} bytes, by type without its flag bits. */
        public Map<Integer, ByteBuffer> attributes(int offset) {
            return attributes(payload.slice(offset, payload.limit() - offset).order(ByteOrder.nativeOrder()));
        }

        /** The attributes inside another. */
        public static Map<Integer, ByteBuffer> attributes(ByteBuffer within) {
            Map<Integer, ByteBuffer> found = new HashMap<>();
            int at = 0;
            while (at + 4 <= within.limit()) {
                int length = within.getShort(at) & 0xffff;
                if (length < 4 || at + length > within.limit()) {
                    break;
                }
                int type = within.getShort(at + 2) & 0x3fff;
                found.put(type, within.slice(at + 4, length - 4).order(ByteOrder.nativeOrder()));
                at += (length + 3) & ~3;
            }
            return found;
        }

        /** The text of a string attribute, without its end mark. */
        public static String text(ByteBuffer value) {
            byte[] bytes = new byte[value.remaining()];
            value.get(value.position(), bytes);
            int length = bytes.length;
            while (length > 0 && bytes[length - 1] == 0) {
                length--;
            }
            return new String(bytes, 0, length, StandardCharsets.UTF_8);
        }
    }
}
