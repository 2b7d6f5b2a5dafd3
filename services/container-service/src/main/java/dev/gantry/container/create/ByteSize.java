package dev.gantry.container.create;

import dev.gantry.engine.EngineError;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as log options write them: {@code 10m}, {@code 1.5GB}. */
public final class ByteSize {
    private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?([kmgtp]?)i?b?");

    private ByteSize() {}

    /** In bytes; units are powers of 1000, {@code ki} as well as {@code k}, as dockerd's log driver counts. */
    public static long parse(String text) {
        Matcher matcher = FORM.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new EngineError.BadParameter("invalid size: '" + text + "'");
        }
        int power = matcher.group(2).isEmpty() ? 0 : "kmgtp".indexOf(matcher.group(2)) + 1;
        double bytes = Double.parseDouble(matcher.group(1)) * Math.pow(1000, power);
        if (bytes >= Long.MAX_VALUE) {
            throw new EngineError.BadParameter("invalid size: '" + text + "'");
        }
        return (long) bytes;
    }
}
