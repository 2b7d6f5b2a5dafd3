package dev.gantry.engine.filter;

import dev.gantry.agent.api.query.GoDuration;
import dev.gantry.engine.EngineError;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The filter {@code until}: seconds since 1970, how long ago ({@link GoDuration}), or
 * a time as RFC 3339 has it, down to a date alone; without an offset it is local.
 */
public final class UntilFilter {
    public static final String KEY = "until";

    private static final Pattern SECONDS = Pattern.compile("\\+?(\\d{1,18})(?:\\.(\\d{1,9})\\d{0,9})?");
    private static final Pattern HOUR = Pattern.compile(".*T\\d\\d");

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
            return back(text).map(back -> Instant.now().minus(back)).orElseGet(() -> time(text));
        } catch (DateTimeException | ArithmeticException e) {
            throw new EngineError.BadParameter("failed to parse value as time or duration: \"" + text + "\"");
        }
    }

    private static Optional<Duration> back(String text) {
        try {
            return Optional.of(GoDuration.parse(text));
        } catch (IllegalArgumentException e) {
            // Then it may be a date.
            return Optional.empty();
        }
    }

    private static Instant since1970(long seconds, String decimals) {
        long nanos = decimals == null ? 0 : Long.parseLong((decimals + "00000000").substring(0, 9));
        return seconds > Instant.MAX.getEpochSecond() ? Instant.MAX : Instant.ofEpochSecond(seconds, nanos);
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
