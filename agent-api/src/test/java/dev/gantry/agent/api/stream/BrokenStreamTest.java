package dev.gantry.agent.api.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokenStreamTest {
    private static final String ERROR = "\3\0\0\0\0\0\0" + (char) BrokenStream.WORDS.length() + BrokenStream.WORDS;

    @Test
    void a_terminal_reads_a_line() {
        BrokenStream broken = new BrokenStream(false);
        broken.follow(bytes("\1\0\0\0\0\0\0\5ab"));

        assertEquals("\r\n" + BrokenStream.WORDS + "\r\n", broken.lastBytes().toString(UTF_8));
    }

    /** Two frames of three and no bytes, cut after each of their bytes. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 7, 8, 9, 10, 11, 12, 18, 19})
    void an_error_follows_the_end_of_the_frame_that_broke_off(int cut) {
        String all = "\1\0\0\0\0\0\0\3abc" + "\2\0\0\0\0\0\0\0";
        String seen = all.substring(0, cut);
        for (int part = 1; part <= 3; part++) {
            BrokenStream broken = new BrokenStream(true);
            for (int at = 0; at < cut; at += part) {
                broken.follow(bytes(seen.substring(at, Math.min(cut, at + part))));
            }

            String whole = seen + broken.lastBytes().toString(UTF_8);

            assertEquals(ERROR, whole.substring(endOfFrames(whole, cut)), cut + " in pieces of " + part);
        }
    }

    @Test
    void nothing_is_made_up_for_a_frame_without_measure() {
        BrokenStream broken = new BrokenStream(true);
        broken.follow(Unpooled.wrappedBuffer(new byte[] {1, 0, 0, 0, -1, -1, -1, -1, 'a'}));

        assertEquals(0, broken.lastBytes().readableBytes());
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, UTF_8);
    }

    /** Where the first frame begins that is not cut. */
    private static int endOfFrames(String bytes, int cut) {
        int at = 0;
        while (at < cut) {
            at += 8 + bytes.charAt(at + 7);
        }
        return at;
    }
}
