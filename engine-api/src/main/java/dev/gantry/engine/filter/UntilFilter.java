package dev.gantry.engine.filter;

import dev.gantry.engine.EngineError;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The filter {@code until}: seconds since 1970, how long ago ({@code 1h30m}, as Go's {@code time.ParseDuration} reads it), or
 * a time as RFC 3339 has it, down to a date alone; without an offset it is local.
 */
public final class UntilFilter {
    public static final String KEY = "until";

    private static final Pattern SECONDS = Pattern.compile("\\+?(\\d{1,18})(?:\\.(\\d{1,9})\\d{0,9})?");
    private static final Pattern PART = Pattern.compile("(\\d{1,18}(?:\\.\\d{0,9})?|\\.\\d{1,9})(ns|us|µs|ms|s|m|h)");
    private static final Pattern DURATION = Pattern.compile("([+-]?)((?:" + PART + "){1,10})");
    private static final Pattern HOUR = Pattern.compile(".*T\\d\\d");

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

    private UntilFilter() {}

    /**
     * For what takes one moment only, as prunes do; null when there is none.
     *
     * @throws EngineError.BadParameter for what is no time, and for more than one
     */
    public static Instant only(Filters filters) {
        List<String> values = filters.get(KEY);
        if (values.size() > 1) {
            throw new EngineError.BadParameter("more than one until filter specified");
        }
        return earliest(filters);
    }

    /** The earliest of all; null when there is none. */
    public static Instant earliest(Filters filters) {
        return filters.get(KEY).stream()
                .map(UntilFilter::parse)
                .min(Instant::compareTo)
                .orElse(null);
    }

    private static Instant parse(String text) {
        try {
            Matcher seconds = SECONDS.matcher(text);
            if (seconds.matches()) {
                return since1970(Long.parseLong(seconds.group(1)), seconds.group(2));
            }
            Matcher duration = DURATION.matcher(text);
            return duration.matches() ? Instant.now().minus(duration(duration)) : time(text);
        } catch (DateTimeException | ArithmeticException e) {
            throw new EngineError.BadParameter("failed to parse value as time or duration: \"" + text + "\"");
        }
    }

    private static Instant since1970(long seconds, String decimals) {
        long nanos = decimals == null ? 0 : Long.parseLong((decimals + "00000000").substring(0, 9));
        return seconds > Instant.MAX.getEpochSecond() ? Instant.MAX : Instant.ofEpochSecond(seconds, nanos);
    }

    /** Go counts durations in nanoseconds of 63 bits. */
    private static Duration duration(Matcher text) {
        BigDecimal sum = BigDecimal.ZERO;
        Matcher part = PART.matcher(text.group(2));
        while (part.find()) {
            sum = sum.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(NANOS.get(part.group(2)))));
        }
        Duration back = Duration.ofNanos(sum.toBigInteger().longValueExact());
        return text.group(1).equals("-") ? back.negated() : back;
    }

    private static Instant time(String text) {
        if (text.endsWith("Z") || text.matches(".*T.*[+-]\\d\\d:\\d\\d")) {
            return OffsetDateTime.parse(text).toInstant();
        }
        LocalDateTime local = text.contains("T")
                ? LocalDateTime.parse(HOUR.matcher(text).matches() ? text + ":00" : text)
                : LocalDate.parse(text).atStartOfDay();
        return local.atZone(ZoneId.systemDefault()).toInstant();
    }
}
