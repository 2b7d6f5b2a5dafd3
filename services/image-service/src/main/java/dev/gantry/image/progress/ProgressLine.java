package dev.gantry.image.progress;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.math.MathContext;

/** One line of a progress stream, as Docker's {@code jsonmessage} writes and reads it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProgressLine(
        String stream,
        String status,
        Detail progressDetail,
        String progress,
        String id,
        Failure errorDetail,
        String error,
        Object aux) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BAR = 50;
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

    /** Bytes done and to do; empty for a status that has none. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Detail(Long current, Long total) {}

    /**
     * What went wrong.
     *
     * @param code as dockerd: the exit code of a build step, otherwise absent
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Failure(Integer code, String message) {}

    public static ProgressLine stream(String text) {
        return new ProgressLine(text, null, null, null, null, null, null, null);
    }

    /** A status about the whole operation, or about {@code id} when that is not null. */
    public static ProgressLine status(String status, String id) {
        return new ProgressLine(null, status, null, null, id, null, null, null);
    }

    /** A status about a layer without figures. */
    public static ProgressLine layer(String status, String id) {
        return new ProgressLine(null, status, new Detail(null, null), null, id, null, null, null);
    }

    /** A status about a layer; {@code total} of zero or less is unknown. */
    public static ProgressLine layer(String status, String id, long current, long total) {
        Detail detail = new Detail(current, total > 0 ? total : null);
        return new ProgressLine(null, status, detail, bar(current, total), id, null, null, null);
    }

    public static ProgressLine failure(String message) {
        return new ProgressLine(null, null, null, null, null, new Failure(null, message), message, null);
    }

    public static ProgressLine aux(Object value) {
        return new ProgressLine(null, null, null, null, null, null, null, value);
    }

    /** The line on the wire, with the line end that dockerd sends. */
    public String encoded() {
        try {
            return JSON.writeValueAsString(this) + "\r\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String bar(long current, long total) {
        if (current <= 0 && total <= 0) {
            return null;
        }
        if (total <= 0) {
            return String.format("%8s", size(current));
        }
        int done = (int) Math.min(BAR, current * 100 / total / 2);
        String numbers = current > total
                ? String.format("%8s", size(current))
                : String.format("%8s/%s", size(current), size(total));
        return "[" + "=".repeat(done) + ">" + " ".repeat(BAR - done) + "] " + numbers;
    }

    private static String size(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(4));
        return (rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString()) + UNITS[unit];
    }
}
