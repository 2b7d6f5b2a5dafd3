package dev.gantry.agent.log.remote;

import java.time.Instant;

/**
 * One line of output, or a piece of one.
 *
 * @param text without the line's end, at most {@link #MOST} bytes
 * @param partial null for a whole line
 */
public record LogMessage(boolean stderr, Instant time, byte[] text, Partial partial) {
    /** Bytes of a line after which dockerd, too, sends what it has. */
    public static final int MOST = 16 * 1024;

    /**
     * Which piece it is.
     *
     * @param id of the line, 64 hexadecimal digits
     * @param ordinal from 1 on
     */
    public record Partial(String id, int ordinal, boolean last) {}

    String source() {
        return stderr ? "stderr" : "stdout";
    }
}
