package dev.gantry.container.volume;

import dev.gantry.engine.EngineError;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Options of the driver {@code local}, in dockerd's words where they are none; those that are, hosts do not do yet. */
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
        for (String required :
                options.keySet().equals(Set.of("size")) ? List.<String>of() : List.of("device", "type")) {
            if (!options.containsKey(required)) {
                throw new EngineError.BadParameter(create + "missing required option: \"" + required + "\"");
            }
        }
        if (options.containsKey("size")) {
            throw new EngineError.BadParameter(create + "quota size requested but no quota support");
        }
        throw new EngineError.NotSupported(
                "options of the local volume driver are not supported: " + String.join(", ", options.keySet()));
    }
}
