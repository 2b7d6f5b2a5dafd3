package dev.gantry.service.time;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.time.Instant;

/**
 * A moment in a column of type {@code bigint}, as nanoseconds since 1970: {@code timestamptz} has microseconds, where
 * Docker's clients are told nanoseconds. Years 1678 to 2262.
 */
@Converter
public class Nanoseconds implements AttributeConverter<Instant, Long> {
    private static final long SECOND = 1_000_000_000;

    @Override
    public Long convertToDatabaseColumn(Instant moment) {
        return moment == null ? null : of(moment);
    }

    @Override
    public Instant convertToEntityAttribute(Long nanoseconds) {
        return nanoseconds == null ? null : moment(nanoseconds);
    }

    /** @throws ArithmeticException for a year outside the range */
    public static long of(Instant moment) {
        return Math.addExact(Math.multiplyExact(moment.getEpochSecond(), SECOND), moment.getNano());
    }

    public static Instant moment(long nanoseconds) {
        return Instant.ofEpochSecond(Math.floorDiv(nanoseconds, SECOND), Math.floorMod(nanoseconds, SECOND));
    }
}
