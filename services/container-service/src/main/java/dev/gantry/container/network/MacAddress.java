package dev.gantry.container.network;

import dev.gantry.engine.EngineError;
import java.util.Locale;
import java.util.regex.Pattern;

/** Ethernet addresses in the forms that Go's {@code net.ParseMAC} takes. */
public final class MacAddress {
    private static final Pattern FORMS = Pattern.compile(
            "(?i)[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5}|[0-9a-f]{2}(?:\\.[0-9a-f]{4}){2})");

    private MacAddress() {}

    /**
     * The address with colons and in small letters.
     *
     * @throws EngineError.BadParameter for anything else
     */
    public static String canonical(String text) {
        if (!FORMS.matcher(text).matches()) {
            throw new EngineError.BadParameter("invalid MAC address " + text);
        }
        return String.join(
                ":", text.replaceAll("[-:.]", "").toLowerCase(Locale.ROOT).split("(?<=\\G..)"));
    }
}
