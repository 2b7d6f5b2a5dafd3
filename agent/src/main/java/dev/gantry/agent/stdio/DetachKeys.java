package dev.gantry.agent.stdio;

import dev.gantry.agent.api.AgentFailure;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;

/**
 * Finds the keys that detach in what a client types. Keys typed so far are kept back until it is clear whether the
 * sequence goes on; they reach the process if it does not.
 */
final class DetachKeys {
    /** ctrl-p, ctrl-q. */
    private static final byte[] DEFAULT = {16, 17};

    private final byte[] sequence;
    private int matched;

    DetachKeys(byte[] sequence) {
        this.sequence = sequence.clone();
    }

    /**
     * Reads {@code a,ctrl-p,...}: single characters, or {@code ctrl-} with a letter or one of {@code @ [ \ ] ^ _}.
     *
     * @param text empty for ctrl-p,ctrl-q
     * @throws AgentFailure BAD_REQUEST for anything else, worded as Docker does
     */
    static byte[] parse(String text) {
        if (text == null || text.isEmpty()) {
            return DEFAULT.clone();
        }
        ByteArrayOutputStream keys = new ByteArrayOutputStream();
        for (String key : text.split(",", -1)) {
            String lower = key.toLowerCase(Locale.ROOT);
            if (key.length() == 1) {
                keys.write(key.charAt(0));
            } else if (lower.matches("ctrl-[a-z@\\[\\\\\\]^_]")) {
                keys.write(Character.toUpperCase(lower.charAt(5)) - '@');
            } else {
                throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "Invalid detach keys (" + text + ") provided");
            }
        }
        return keys.toByteArray();
    }

    /**
     * Looks at more input. What the process shall get goes to {@code output}.
     *
     * @return whether the whole sequence was typed; input behind it is dropped
     */
    boolean scan(ByteBuf input, ByteBuf output) {
        while (input.isReadable()) {
            byte next = input.readByte();
            if (next == sequence[matched]) {
                matched++;
                if (matched == sequence.length) {
                    return true;
                }
            } else {
                giveBack(next, output);
            }
        }
        return false;
    }

    /** The sequence broke: its first keys were ordinary ones, unless they begin it anew. */
    private void giveBack(byte next, ByteBuf output) {
        byte[] typed = Arrays.copyOf(sequence, matched + 1);
        typed[matched] = next;
        int again = longestStart(typed);
        output.writeBytes(typed, 0, typed.length - again);
        matched = again;
    }

    private int longestStart(byte[] typed) {
        for (int length = Math.min(typed.length, sequence.length - 1); length > 0; length--) {
            if (Arrays.equals(typed, typed.length - length, typed.length, sequence, 0, length)) {
                return length;
            }
        }
        return 0;
    }
}
