package dev.gantry.agent.api.query;

import java.time.Instant;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a query parameter says. Absent and empty are the same, as in Go's {@code Form.Get}. */
public final class QueryValue {
    /** Twelve digits reach beyond the year 30,000; more would not fit into nanoseconds. */
    private static final Pattern TIME = Pattern.compile("(-?\\d{1,12})(?:\\.(\\d{1,9})\\d{0,9})?");

    private QueryValue() {}

    /** As dockerd reads flags ({@code httputils.BoolValue}): anything but these words is true. */
    public static boolean flag(String text) {
        return text != null
                && switch (text.strip().toLowerCase(Locale.ROOT)) {
                    case "", "0", "no", "false", "none" -> false;
                    default -> true;
                };
    }

    /** As {@link #flag(String)}, for one that stands where nothing is said ({@code httputils.BoolValueOrDefault}). */
    public static boolean flag(String text, boolean otherwise) {
        return text == null || text.isEmpty() ? otherwise : flag(text);
    }

    /**
     * A whole number, in the form that Go's {@code strconv.Atoi} takes.
     *
     * @return null where there is none
     * @throws InvalidQuery for anything else
     */
    public static Integer number(String name, String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException e) {
            throw new InvalidQuery("invalid value for \"" + name + "\": parsing \"" + text + "\": invalid syntax");
        }
    }

    /** As {@link #number(String, String)}; also refused when it is absent, below {@code least} or above {@code most}. */
    public static int number(String name, String text, int least, int most) {
        Integer number = number(name, text);
        if (number == null || number < least || number > most) {
            throw new InvalidQuery("invalid value for \"" + name + "\": \"" + (text == null ? "" : text)
                    + "\" is no number from " + least + " to " + most);
        }
        return number;
    }

    /**
     * Seconds since 1970, with decimals, which count up to the ninth.
     *
     * @return null where there is none, and for 0, which stands for none
     * @throws InvalidQuery for anything else
     */
    public static Instant time(String name, String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        Matcher time = TIME.matcher(text);
        if (!time.matches()) {
            throw new InvalidQuery("invalid value for \"" + name + "\": " + text);
        }
        long seconds = Long.parseLong(time.group(1));
        String decimals = time.group(2) == null ? "" : time.group(2);
        long nanos = Long.parseLong((decimals + "000000000").substring(0, 9));
        return seconds == 0 && nanos == 0 ? null : Instant.ofEpochSecond(seconds, nanos);
    }
}
