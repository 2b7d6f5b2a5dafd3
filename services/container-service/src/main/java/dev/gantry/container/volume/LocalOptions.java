package dev.gantry.container.volume;

import dev.gantry.engine.EngineError;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Options of the driver {@code local}, checked as dockerd does at create; what they are good for shows when they are mounted. */
public final class LocalOptions {
    private static final Set<String> KNOWN = Set.of("type", "o", "device", "size");

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,30}(?:\\.[0-9]{1,30})?) ?[kKmMgGtTpP]?[iI]?[bB]?");

    private LocalOptions() {}

    /** @param options null or empty for none */
    public static void check(String volume, Map<String, String> options) {
        if (options == null || options.isEmpty()) {
            return;
        }
        String create = "create " + volume + ": ";
        for (String option : options.keySet()) {
            if (!KNOWN.contains(option)) {
                throw new EngineError.BadParameter(create + "invalid option: \"" + option + "\"");
            }
        }
        // In dockerd "o" asks for both; whichever is missing first is told.
        if (options.containsKey("type") || options.containsKey("o")) {
            require(create, options, "device");
        }
        if (options.containsKey("device") || options.containsKey("o")) {
            require(create, options, "type");
        }
        if (options.containsKey("size")) {
            checkSize(create, options.get("size"));
        }
    }

    private static void require(String create, Map<String, String> options, String required) {
        if (!options.containsKey(required)) {
            throw new EngineError.BadParameter(create + "missing required option: \"" + required + "\"");
        }
    }

    private static void checkSize(String create, String size) {
        Matcher form = SIZE.matcher(size);
        if (!form.matches()) {
            throw new EngineError.BadParameter(create + "invalid size: '" + size + "'");
        }
        if (new BigDecimal(form.group(1)).signum() > 0) {
            throw new EngineError.BadParameter(create + "quota size requested but no quota support");
        }
    }
}
