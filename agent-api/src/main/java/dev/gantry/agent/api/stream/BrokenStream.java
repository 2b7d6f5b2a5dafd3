package dev.gantry.agent.api.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Follows a stream of output so that, when its server dies, the client hears of it: as a frame for errors, which
 * clients show and fail with, or as text where the stream is a terminal's. Frames are those of the API's description
 * under {@code ContainerAttach}: stream, three zeroes, length as four bytes, that many bytes.
 */
final class BrokenStream {
    static final String WORDS = "lost the agent of the container's host: the output ends here, the container may go on";

    /** {@code Systemerr} of Docker's {@code stdcopy}. */
    private static final int ERROR = 3;

    private static final int HEADER = 8;

    /** Longer frames no agent of ours sends; of what does, nothing is made up. */
    private static final int LONGEST = 1 << 20;

    private final boolean framed;
    private int headerBytes;
    private int length;
    private long payload;

    BrokenStream(boolean framed) {
        this.framed = framed;
    }

    /** Takes note of what goes to the client; moves no index. */
    void follow(ByteBuf bytes) {
        if (!framed) {
            return;
        }
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            if (payload > 0) {
                int part = (int) Math.min(payload, end - at);
                payload -= part;
                at += part;
            } else {
                header(bytes.getByte(at++));
            }
        }
    }

    private void header(byte next) {
        length = length << 8 | next & 0xff;
        if (++headerBytes == HEADER) {
            headerBytes = 0;
            payload = Integer.toUnsignedLong(length);
        }
    }

    /** What the client is still to be sent. A frame that broke off is filled with line feeds, for its length is said. */
    ByteBuf lastBytes() {
        byte[] words = WORDS.getBytes(StandardCharsets.UTF_8);
        if (!framed) {
            return Unpooled.copiedBuffer("\r\n" + WORDS + "\r\n", StandardCharsets.UTF_8);
        }
        ByteBuf bytes = Unpooled.buffer();
        while (headerBytes > 0) {
            bytes.writeByte(0);
            header((byte) 0);
        }
        if (payload > LONGEST) {
            return Unpooled.EMPTY_BUFFER;
        }
        for (; payload > 0; payload--) {
            bytes.writeByte('\n');
        }
        return bytes.writeInt(ERROR << 24).writeInt(words.length).writeBytes(words);
    }
}
