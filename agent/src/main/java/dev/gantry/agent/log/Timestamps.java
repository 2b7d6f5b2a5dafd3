package dev.gantry.agent.log;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/**
 * Times as conmon writes them, {@code 2006-01-02T15:04:05.123456789+01:00}, read and written without making objects:
 * there is one in every line.
 */
final class Timestamps {
    /** {@code 2006-01-02T15:04:05.123456789Z}, Docker's form. */
    static final int UTC_LENGTH = 30;

    private static final DateTimeFormatter TO_SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");
    private static final int MINUTE_LENGTH = 16;
    private static final int NANOS = 20;
    private static final int ZONE = 29;

    /** The last minute seen, as text, and what it is in seconds: neighbouring lines share it. */
    private final byte[] minute = new byte[MINUTE_LENGTH];

    private long minuteSeconds;
    private long seconds;
    private int nanos;

    /**
     * Reads the time at {@code start}, which ends before {@code end}.
     *
     * @return whether there is one
     */
    boolean read(byte[] text, int start, int end) {
        if (end - start <= ZONE || text[start + 10] != 'T' || text[start + 19] != '.') {
            return false;
        }
        boolean sameMinute = Arrays.equals(text, start, start + MINUTE_LENGTH, minute, 0, MINUTE_LENGTH);
        if (!sameMinute && !readMinute(text, start)) {
            return false;
        }
        seconds = minuteSeconds + number(text, start + 17, 2) - offset(text, start + ZONE, end);
        nanos = (int) number(text, start + NANOS, 9);
        return true;
    }

    private boolean readMinute(byte[] text, int start) {
        long year = number(text, start, 4);
        long month = number(text, start + 5, 2);
        if (year < 0 || year > 9999 || month < 1 || month > 12) {
            return false;
        }
        long day = LocalDate.of((int) year, (int) month, 1).toEpochDay() + number(text, start + 8, 2) - 1;
        minuteSeconds = day * 86_400 + number(text, start + 11, 2) * 3_600 + number(text, start + 14, 2) * 60;
        System.arraycopy(text, start, minute, 0, MINUTE_LENGTH);
        return true;
    }

    /** Seconds east of Greenwich: {@code Z}, {@code +01:00} or {@code -03:30}. */
    private static long offset(byte[] text, int start, int end) {
        if (end - start < 6 || text[start] == 'Z') {
            return 0;
        }
        long offset = number(text, start + 1, 2) * 3_600 + number(text, start + 4, 2) * 60;
        return text[start] == '-' ? -offset : offset;
    }

    private static long number(byte[] text, int start, int digits) {
        long value = 0;
        for (int i = start; i < start + digits; i++) {
            value = value * 10 + (text[i] - '0');
        }
        return value;
    }

    /** Seconds since 1970 of the time read last. */
    long seconds() {
        return seconds;
    }

    int nanos() {
        return nanos;
    }

    /** Whether the time read last is before the given one. */
    boolean isBefore(Instant other) {
        long difference = seconds - other.getEpochSecond();
        return difference < 0 || difference == 0 && nanos < other.getNano();
    }

    boolean isAfter(Instant other) {
        long difference = seconds - other.getEpochSecond();
        return difference > 0 || difference == 0 && nanos > other.getNano();
    }

    /** Writes the time read last in UTC, {@link #UTC_LENGTH} bytes; {@code text} is where it was read from. */
    void writeUtc(byte[] text, int start, int end, byte[] output, int at) {
        if (offset(text, start + ZONE, end) == 0) {
            System.arraycopy(text, start, output, at, ZONE);
        } else {
            byte[] utc = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC)
                    .format(TO_SECONDS)
                    .getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(utc, 0, output, at, 19);
            System.arraycopy(text, start + 19, output, at + 19, 10);
        }
        output[at + UTC_LENGTH - 1] = 'Z';
    }
}
