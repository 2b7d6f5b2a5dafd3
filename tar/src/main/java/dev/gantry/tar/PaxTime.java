package dev.gantry.tar;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time of an extended header: decimal seconds since 1970 with a fraction (POSIX, pax, "pax Extended Header"), and no
 * exponent. Its form is looked at before it is computed with: {@code 1e60000000} is a number of sixty million digits.
 *
 * @param nanos 0 to 999,999,999; what is finer is dropped
 */
record PaxTime(long seconds, int nanos) {
    private static final Pattern FORM = Pattern.compile("(-?)([0-9]{1,15})(?:\\.([0-9]*))?");
    private static final int DIGITS = 9;

    static PaxTime parse(String text) throws TarFormatException {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new TarFormatException("invalid time in a tar's extended header");
        }
        long seconds = Long.parseLong(form.group(2));
        int nanos = nanos(form.group(3) == null ? "" : form.group(3));
        if (form.group(1).isEmpty()) {
            return new PaxTime(seconds, nanos);
        }
        return nanos == 0 ? new PaxTime(-seconds, 0) : new PaxTime(-seconds - 1, 1_000_000_000 - nanos);
    }

    /** As it is written in a header. */
    String text() {
        boolean negative = seconds < 0;
        long whole = negative && nanos != 0 ? seconds + 1 : seconds;
        int rest = negative && nanos != 0 ? 1_000_000_000 - nanos : nanos;
        String fraction = rest == 0 ? "" : String.format(".%09d", rest).replaceAll("0+$", "");
        return (negative ? "-" : "") + Math.abs(whole) + fraction;
    }

    private static int nanos(String fraction) {
        String digits = fraction.substring(0, Math.min(DIGITS, fraction.length()));
        return Integer.parseInt(digits + "0".repeat(DIGITS - digits.length()));
    }
}
