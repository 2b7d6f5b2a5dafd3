package dev.gantry.image.catalog;

import dev.gantry.engine.EngineError;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The filter {@code until}: a time, seconds since 1970, or how long ago ({@code 1h30m}). */
final class UntilFilter {
    private static final Pattern SECONDS = Pattern.compile("(\\d{1,18})(?:\\.(\\d{1,9}))?");
    private static final Pattern DURATION = Pattern.compile("(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?");

    private UntilFilter() {}

    /** Null when there is no such filter. */
    static Instant parse(List<String> values) {
        return values.isEmpty() ? null : parse(values.getLast());
    }

    private static Instant parse(String value) {
        Matcher seconds = SECONDS.matcher(value);
        if (seconds.matches()) {
            return Instant.ofEpochSecond(Long.parseLong(seconds.group(1)));
        }
        Matcher duration = DURATION.matcher(value);
        if (!value.isEmpty() && duration.matches()) {
            return Instant.now()
                    .minus(Duration.ofHours(number(duration.group(1))))
                    .minus(Duration.ofMinutes(number(duration.group(2))))
                    .minus(Duration.ofSeconds(number(duration.group(3))));
        }
        try {
            if (value.endsWith("Z") || value.matches(".*[+-]\\d\\d:\\d\\d")) {
                return OffsetDateTime.parse(value).toInstant();
            }
            LocalDateTime local = value.contains("T")
                    ? LocalDateTime.parse(value)
                    : LocalDate.parse(value).atStartOfDay();
            return local.atZone(ZoneId.systemDefault()).toInstant();
        } catch (DateTimeException e) {
            throw new EngineError.BadParameter("invalid value for \"until\" filter: failed to parse value as time or"
                    + " duration: \"" + value + "\"");
        }
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
