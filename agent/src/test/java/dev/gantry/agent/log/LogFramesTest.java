package dev.gantry.agent.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LogFramesTest {
    private static final String FIRST = "2026-01-02T03:04:05.000000001+00:00 stdout F one\n";
    private static final String SECOND = "2026-01-02T03:04:06.000000002+00:00 stderr F two\n";
    private static final String PIECES =
            "2026-01-02T03:04:07.000000003+00:00 stdout P th\n" + "2026-01-02T03:04:08.000000004+00:00 stdout F ree\n";

    private static LogQuery query(boolean stdout, boolean stderr, boolean timestamps, String since, String until) {
        return new LogQuery(
                stdout,
                stderr,
                false,
                timestamps,
                false,
                since == null ? null : Instant.parse(since),
                until == null ? null : Instant.parse(until),
                -1);
    }

    private static String convert(LogQuery query, boolean tty, String log) {
        LogFrames frames = new LogFrames(query, tty);
        byte[] input = log.getBytes(StandardCharsets.UTF_8);
        assertEquals(log.lastIndexOf('\n') + 1, frames.convert(input, 0, input.length));
        return new String(frames.output(), 0, frames.length(), StandardCharsets.ISO_8859_1);
    }

    private static String frame(int stream, String text) {
        return (char) stream + "\0\0\0\0\0\0" + (char) text.length() + text;
    }

    @Test
    void each_line_becomes_a_frame() {
        String output = convert(LogQuery.upToNow(true, true), false, FIRST + SECOND);

        assertEquals(frame(1, "one\n") + frame(2, "two\n"), output);
    }

    @Test
    void pieces_of_a_line_keep_their_bounds_and_gain_no_line_end() {
        String output = convert(LogQuery.upToNow(true, true), false, PIECES);

        assertEquals(frame(1, "th") + frame(1, "ree\n"), output);
    }

    @Test
    void terminal_output_is_raw() {
        assertEquals("one\nthree\n", convert(LogQuery.upToNow(true, true), true, FIRST + PIECES));
    }

    @Test
    void unwanted_stream_is_left_out() {
        assertEquals(frame(2, "two\n"), convert(LogQuery.upToNow(false, true), false, FIRST + SECOND));
    }

    @Test
    void timestamps_are_in_utc_at_line_starts_only() {
        String zoned = "2026-01-02T05:04:05.120000000+02:00 stdout F zoned\n";

        String output = convert(query(true, true, true, null, null), true, PIECES + zoned);

        assertEquals("2026-01-02T03:04:07.000000003Z three\n2026-01-02T03:04:05.120000000Z zoned\n", output);
    }

    @Test
    void since_and_until_include_their_moment() {
        LogQuery query = query(true, true, false, "2026-01-02T03:04:06.000000002Z", "2026-01-02T03:04:06.000000002Z");

        assertEquals("two\n", convert(query, true, FIRST + SECOND));
    }

    @Test
    void line_after_until_finishes() {
        LogFrames frames = new LogFrames(query(true, true, false, null, "2026-01-02T03:04:05.5Z"), true);
        byte[] input = (FIRST + SECOND).getBytes(StandardCharsets.UTF_8);

        frames.convert(input, 0, input.length);

        assertTrue(frames.finished());
        assertEquals(4, frames.length());
    }

    @Test
    void torn_and_empty_lines_do_no_harm() {
        String empty = "2026-01-02T03:04:05.000000001+00:00 stdout F \n";

        assertEquals(
                "\none\n", convert(LogQuery.upToNow(true, true), true, "\0\0\0\n2026-01\n" + empty + FIRST + "2026"));
    }
}
