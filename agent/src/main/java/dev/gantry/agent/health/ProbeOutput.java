package dev.gantry.agent.health;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** The beginning of what a check's program wrote. */
final class ProbeOutput {
    /** In bytes, as dockerd. */
    static final int LIMIT = 4096;

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private boolean cut;

    void add(byte[] more) {
        int room = Math.min(more.length, LIMIT - kept.size());
        kept.write(more, 0, room);
        cut |= room < more.length;
    }

    boolean isEmpty() {
        return kept.size() == 0;
    }

    /** As text; each byte that is none of UTF-8 is a U+FFFD, as Go's JSON has it. */
    String text() {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer bytes = ByteBuffer.wrap(kept.toByteArray());
        CharBuffer chars = CharBuffer.allocate(LIMIT);
        CoderResult result = decoder.decode(bytes, chars, true);
        while (result.isError()) {
            for (int i = 0; i < result.length(); i++) {
                chars.put('\uFFFD');
            }
            bytes.position(bytes.position() + result.length());
            result = decoder.decode(bytes, chars, true);
        }
        return chars.flip() + (cut ? "..." : "");
    }
}
