package dev.gantry.event;

import dev.gantry.engine.EngineError;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Moments as nanoseconds since 1970. */
final class Nanos {
    private static final long SECOND = 1_000_000_000L;
    private static final Pattern TIMESTAMP = Pattern.compile("(-?\\d{1,10})(?:\\.(\\d{1,9})\\d*)?");
    private static final Pattern DURATION_PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h)");

    private Nanos() {}

    static long of(Instant moment) {
        return moment.getEpochSecond() * SECOND + moment.getNano();
    }

    static Instant instant(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }

    /**
     * Reads {@code since} and {@code until}: Unix seconds with an optional fraction, which is what clients send, or RFC
     * 3339, or a Go duration before now such as {@code 1h30m}.
     *
     * @return -1 when there is none
     * @throws EngineError.BadParameter for anything else
     */
    static long parse(String text, Instant now) {
        if (text == null || text.isEmpty()) {
            return -1;
        }
        Matcher timestamp = TIMESTAMP.matcher(text);
        if (timestamp.matches()) {
            String fraction = timestamp.group(2) == null ? "" : timestamp.group(2);
            long nanos = Long.parseLong((fraction + "000000000").substring(0, 9));
            return Math.max(0, Long.parseLong(timestamp.group(1)) * SECOND + nanos);
        }
        try {
            return of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException notRfc3339) {
            return of(now.minus(duration(text)));
        }
    }

    private static Duration duration(String text) {
        Matcher part = DURATION_PART.matcher(text);
        Duration sum = Duration.ZERO;
        int end = 0;
        while (part.find() && part.start() == end) {
            sum = sum.plusNanos((long) (Double.parseDouble(part.group(1)) * unit(part.group(2))));
            end = part.end();
        }
        if (end == 0 || end != text.length()) {
            throw new EngineError.BadParameter("invalid time \"" + text + "\": expected Unix seconds or RFC 3339");
        }
        return sum;
    }

    private static double unit(String name) {
        return switch (name) {
            case "ns" -> 1;
            case "us", "µs" -> 1e3;
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            default -> 3600e9;
        };
    }
}
