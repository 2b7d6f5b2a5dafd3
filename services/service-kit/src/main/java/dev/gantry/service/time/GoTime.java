package dev.gantry.service.time;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;

/** Moments as Go's {@code time.RFC3339Nano} writes them: as many digits as there are, without zeros at the end. */
public final class GoTime {
    private static final DateTimeFormatter FORMAT = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .appendLiteral('Z')
            .toFormatter()
            .withZone(ZoneOffset.UTC);

    private GoTime() {}

    /** {@return for example {@code 2026-11-29T19:02:03.1204Z}} */
    public static String text(Instant moment) {
        return FORMAT.format(moment);
    }
}
