package dev.gantry.container.volume;

import dev.gantry.container.create.ByteSize;
import dev.gantry.engine.EngineError;
import java.util.Map;
import java.util.Set;

/** Options of the driver {@code local}, checked as dockerd does at create; what they are good for shows when they are mounted. */
public final class LocalOptions {
    private static final Set<String> KNOWN = Set.of("type", "o", "device", "size");

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
        long bytes;
        try {
            bytes = ByteSize.parse(size);
        } catch (EngineError.BadParameter e) {
            throw new EngineError.BadParameter(create + e.getMessage());
        }
        if (bytes > 0) {
            throw new EngineError.BadParameter(create + "quota size requested but no quota support");
        }
    }
}
