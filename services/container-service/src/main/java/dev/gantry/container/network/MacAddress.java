package dev.gantry.container.network;

import dev.gantry.engine.EngineError;
import java.util.Locale;
import java.util.regex.Pattern;

/** Ethernet addresses in the forms that Go's {@code net.ParseMAC} takes. */
public final class MacAddress {
    private static final Pattern FORMS = Pattern.compile(
            "(?i)[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5}|[0-9a-f]{2}(?:\\.[0-9a-f]{4}){2})");

    /** The bit of the first byte that says that many are meant. */
    private static final int GROUP = 1;

    private static final String ZERO = "00:00:00:00:00:00";

    private MacAddress() {}

    /**
     * The address with colons and in small letters.
     *
     * @throws EngineError.BadParameter for anything else, and for what no interface can have: zero, and that of a group
     */
    public static String canonical(String text) {
        if (!FORMS.matcher(text).matches()) {
            throw new EngineError.BadParameter("invalid MAC address " + text);
        }
        String[] bytes = text.replaceAll("[-:.]", "").toLowerCase(Locale.ROOT).split("(?<=\\G..)");
        String canonical = String.join(":", bytes);
        if ((Integer.parseInt(bytes[0], 16) & GROUP) != 0 || canonical.equals(ZERO)) {
            throw new EngineError.BadParameter("invalid MAC address " + text);
        }
        return canonical;
    }
}
