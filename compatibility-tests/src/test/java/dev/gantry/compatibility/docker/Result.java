package dev.gantry.compatibility.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;

/** What a command printed and returned. */
public record Result(List<String> command, int exitCode, String out, String err) {
    /** Standard output without white space around it, of a command that must have succeeded. */
    public String text() {
        exits(0);
        return out.strip();
    }

    /** Lines of {@link #text}, none for no output. */
    public List<String> lines() {
        String text = text();
        return text.isEmpty() ? List.of() : text.lines().toList();
    }

    public Result exits(int code) {
        assertEquals(code, exitCode, this::toString);
        return this;
    }

    /** @param pattern a regular expression that must be found in standard error, whatever the case */
    public Result saysError(String pattern) {
        assertTrue(
                Pattern.compile(pattern, Pattern.CASE_INSENSITIVE).matcher(err).find(),
                () -> "expected an error like /" + pattern + "/ of " + this);
        return this;
    }

    @Override
    public String toString() {
        return String.join(" ", command) + "\nexit code " + exitCode + "\n--- out\n" + shortened(out) + "\n--- err\n"
                + shortened(err);
    }

    private static String shortened(String text) {
        return text.length() > 2000 ? text.substring(0, 2000) + "..." : text;
    }
}
