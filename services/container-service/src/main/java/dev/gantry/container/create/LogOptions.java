package dev.gantry.container.create;

import dev.gantry.agent.api.ContainerSpec.LogSpec;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig.LogConfig;
import dev.gantry.engine.json.Truth;
import java.util.Map;
import java.util.Set;

/**
 * Log drivers: {@code json-file} with its options, and {@code none}. Hosts neither compress nor drop lines; options that
 * ask for it are checked and change nothing that a client could see.
 */
final class LogOptions {
    private static final Set<String> KNOWN = Set.of(
            "max-size",
            "max-file",
            "compress",
            "labels",
            "labels-regex",
            "env",
            "env-regex",
            "tag",
            "mode",
            "max-buffer-size",
            "cache-disabled",
            "cache-max-size",
            "cache-max-file",
            "cache-compress");
    private static final Set<String> MODES = Set.of("", "blocking", "non-blocking");

    private LogOptions() {}

    static LogSpec parse(LogConfig config) {
        return switch (config.type()) {
            case "none" -> new LogSpec("none", -1, 1);
            case "", "json-file" -> jsonFile(config.config());
            default ->
                throw new EngineError.BadParameter("error looking up logging plugin " + config.type() + ": plugin \""
                        + config.type() + "\" not found");
        };
    }

    private static LogSpec jsonFile(Map<String, String> options) {
        checkMode(options);
        for (String option : options.keySet()) {
            if (!KNOWN.contains(option)) {
                throw new EngineError.BadParameter("unknown log opt '" + option + "' for json-file log driver");
            }
        }
        String size = options.get("max-size");
        String files = options.get("max-file");
        long maxSize = size == null ? -1 : ByteSize.parse(size);
        if (maxSize == 0) {
            throw new EngineError.BadParameter("max-size must be a positive number");
        }
        int maxFile = files == null ? 1 : count(files);
        boolean rotates = maxSize > 0 && maxFile > 1;
        if (compresses(options.get("compress")) && !rotates) {
            throw new EngineError.BadParameter(
                    "compress cannot be true when max-file is less than 2 or max-size is not set");
        }
        // Without a size there is nothing to count; hosts multiply the two.
        return maxSize < 0
                ? new LogSpec("json-file", -1, 1)
                : new LogSpec("json-file", Math.min(maxSize, Long.MAX_VALUE / maxFile), maxFile);
    }

    private static void checkMode(Map<String, String> options) {
        String mode = options.getOrDefault("mode", "");
        if (!MODES.contains(mode)) {
            throw new EngineError.BadParameter("logger: logging mode not supported: " + mode);
        }
        String buffer = options.get("max-buffer-size");
        if (buffer == null) {
            return;
        }
        if (!mode.equals("non-blocking")) {
            throw new EngineError.BadParameter(
                    "logger: max-buffer-size option is only supported with 'mode=non-blocking'");
        }
        try {
            ByteSize.parse(buffer);
        } catch (EngineError.BadParameter e) {
            throw new EngineError.BadParameter("error parsing option max-buffer-size: " + e.getMessage());
        }
    }

    private static int count(String text) {
        int count;
        try {
            count = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new EngineError.BadParameter("strconv.Atoi: parsing \"" + text + "\": "
                    + (text.matches("[+-]?[0-9]+") ? "value out of range" : "invalid syntax"));
        }
        if (count < 1) {
            throw new EngineError.BadParameter("max-file cannot be less than 1");
        }
        return count;
    }

    private static boolean compresses(String text) {
        return text != null
                && Truth.parse(text)
                        .orElseThrow(() -> new EngineError.BadParameter(
                                "strconv.ParseBool: parsing \"" + text + "\": invalid syntax"));
    }
}
