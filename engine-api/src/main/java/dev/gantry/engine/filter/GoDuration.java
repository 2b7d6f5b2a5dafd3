package dev.gantry.engine.filter;

import dev.gantry.engine.EngineError;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A length of time such as {@code 1h30m}, as Go's {@code time.ParseDuration} reads it. */
public final class GoDuration {
    private static final Pattern PART = Pattern.compile("(\\d{1,18}(?:\\.\\d{0,9})?|\\.\\d{1,9})(ns|us|µs|ms|s|m|h)");
    private static final Pattern DURATION = Pattern.compile("([+-]?)((?:" + PART + "){1,10})");
    private static final Pattern ZERO = Pattern.compile("[+-]?0");
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9.]*[0-9][0-9.]*");

    private static final Map<String, Long> NANOS = Map.of(
            "ns",
            1L,
            "us",
            1_000L,
            "µs",
            1_000L,
            "ms",
            1_000_000L,
            "s",
            1_000_000_000L,
            "m",
            60_000_000_000L,
            "h",
            3_600_000_000_000L);

    private GoDuration() {}

    /** @throws EngineError.BadParameter in Go's words when it is none */
    public static Duration parse(String text) {
        if (ZERO.matcher(text).matches()) {
            return Duration.ZERO;
        }
        try {
            return read(text).orElseThrow(() -> invalid(text));
        } catch (ArithmeticException e) {
            throw invalid(text);
        }
    }

    private static EngineError invalid(String text) {
        String what = NUMBER.matcher(text).matches() ? "missing unit in" : "invalid";
        return new EngineError.BadParameter("time: " + what + " duration \"" + text + "\"");
    }

    /**
     * Empty when it is none.
     *
     * @throws ArithmeticException when it is too long: Go counts in nanoseconds of 63 bits
     */
    static Optional<Duration> read(String text) {
        Matcher duration = DURATION.matcher(text);
        if (!duration.matches()) {
            return Optional.empty();
        }
        BigDecimal sum = BigDecimal.ZERO;
        Matcher part = PART.matcher(duration.group(2));
        while (part.find()) {
            sum = sum.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(NANOS.get(part.group(2)))));
        }
        Duration length = Duration.ofNanos(sum.toBigInteger().longValueExact());
        return Optional.of(duration.group(1).equals("-") ? length.negated() : length);
    }
}
