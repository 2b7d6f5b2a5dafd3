package dev.gantry.container.volume;

import dev.gantry.engine.EngineError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the local driver's options may say, in dockerd's words where they may not. */
public final class LocalOptions {
    /** Each with those that it needs beside it. */
    private static final Map<String, List<String>> KNOWN = new TreeMap<>(Map.of(
            "device", List.of("type"), "type", List.of("device"), "o", List.of("device", "type"), "size", List.of()));

    private LocalOptions() {}

    /**
     * @param volume as messages name it
     * @param options null for none
     */
    public static void check(String volume, Map<String, String> options) {
        if (options == null) {
            return;
        }
        for (String option : options.keySet()) {
            if (!KNOWN.containsKey(option)) {
                throw refuse(volume, "invalid option: \"" + option + "\"");
            }
        }
        KNOWN.forEach((option, needed) -> {
            for (String other : options.containsKey(option) ? needed : List.<String>of()) {
                if (!options.containsKey(other)) {
                    throw refuse(volume, "missing required option: \"" + other + "\"");
                }
            }
        });
    }

    private static EngineError.BadParameter refuse(String volume, String message) {
        return new EngineError.BadParameter("create " + volume + ": " + message);
    }
}
