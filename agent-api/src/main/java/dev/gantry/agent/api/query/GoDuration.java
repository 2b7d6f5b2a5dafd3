package dev.gantry.agent.api.query;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go writes them: {@code 1h30m}, {@code 100ms}. */
public final class GoDuration {
    private static final Pattern PART = Pattern.compile("([0-9]*\\.?[0-9]*)([^0-9.]*)");
    private static final Map<String, Long> NANOS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "µs", 1_000L,
            "μs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);

    private GoDuration() {}

    /** @throws IllegalArgumentException in the words of Go's {@code time.ParseDuration} */
    public static Duration parse(String text) {
        String quoted = "\"" + text + "\"";
        boolean negative = text.startsWith("-");
        String rest = negative || text.startsWith("+") ? text.substring(1) : text;
        if (rest.equals("0")) {
            return Duration.ZERO;
        }
        if (rest.isEmpty() || rest.length() > 64) {
            throw new IllegalArgumentException("time: invalid duration " + quoted);
        }
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = PART.matcher(rest);
        for (int at = 0; at < rest.length(); at = part.end()) {
            part.region(at, rest.length()).lookingAt();
            String number = part.group(1);
            if (number.isEmpty() || number.equals(".")) {
                throw new IllegalArgumentException("time: invalid duration " + quoted);
            }
            if (part.group(2).isEmpty()) {
                throw new IllegalArgumentException("time: missing unit in duration " + quoted);
            }
            Long unit = NANOS.get(part.group(2));
            if (unit == null) {
                throw new IllegalArgumentException(
                        "time: unknown unit \"" + part.group(2) + "\" in duration " + quoted);
            }
            String whole = number.startsWith(".") ? "0" + number : number;
            nanos = nanos.add(new BigDecimal(whole.endsWith(".") ? whole + "0" : whole).multiply(new BigDecimal(unit)));
        }
        if (nanos.compareTo(new BigDecimal(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("time: invalid duration " + quoted);
        }
        return Duration.ofNanos(negative ? -nanos.longValue() : nanos.longValue());
    }
}
