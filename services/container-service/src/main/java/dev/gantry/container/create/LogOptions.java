package dev.gantry.container.create;

import dev.gantry.agent.api.ContainerSpec.LogSpec;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig.LogConfig;
import dev.gantry.engine.json.Truth;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Log drivers: {@code json-file} and {@code local}, which are one kind of file on a host, {@code none}, and those of
 * {@link ShippingOptions}. As dockerd does, a create refuses options that a driver does not know; what is wrong with their
 * values fails each start. A writer never waits for its log: {@code mode} says what may be lost, see there.
 */
final class LogOptions {
    private static final Set<String> OF_FILES = Set.of("max-size", "max-file", "compress");
    private static final Set<String> OF_LINES = Set.of("labels", "labels-regex", "env", "env-regex", "tag");
    private static final Set<String> OF_ALL =
            Set.of("mode", "max-buffer-size", "cache-disabled", "cache-max-size", "cache-max-file", "cache-compress");
    private static final Set<String> MODES = Set.of("", "blocking", "non-blocking");

    /** dockerd has them, and Gantry has not. */
    private static final Set<String> OTHERS = Set.of("awslogs", "splunk", "gcplogs");

    private static final long LOCAL_SIZE = 20_000_000;
    private static final int LOCAL_FILES = 5;

    private LogOptions() {}

    /** @throws EngineError in dockerd's words for a driver or an option that there is not */
    static void check(LogConfig config) {
        if (config.type().equals("none")) {
            return;
        }
        checkMode(config.config());
        checkCache(config.config());
        switch (config.type()) {
            case "", "json-file" -> {
                only(config, " for json-file log driver", OF_FILES, OF_LINES, OF_ALL);
                LogTag.check(config.config().getOrDefault("tag", ""));
            }
            case "local" -> only(config, " for log driver local", OF_FILES, OF_ALL);
            case "syslog", "journald", "fluentd", "gelf" -> ShippingOptions.check(config);
            default -> {
                if (OTHERS.contains(config.type())) {
                    throw new EngineError.NotSupported("the log driver " + config.type() + " is not supported");
                }
                throw new EngineError.BadParameter("error looking up logging plugin " + config.type() + ": plugin \""
                        + config.type() + "\" not found");
            }
        }
    }

    private static void checkCache(Map<String, String> options) {
        String disabled = options.getOrDefault("cache-disabled", "");
        if (!disabled.isEmpty() && Truth.parse(disabled).isEmpty()) {
            throw new EngineError.BadParameter("invalid value for option cache-disabled: " + disabled);
        }
    }

    /** Whether it is an option of all drivers. */
    static boolean isCommon(String option) {
        return OF_ALL.contains(option);
    }

    @SafeVarargs
    private static void only(LogConfig config, String where, Set<String>... groups) {
        Set<String> known = new HashSet<>();
        for (Set<String> group : groups) {
            known.addAll(group);
        }
        for (String option : config.config().keySet()) {
            if (!known.contains(option)) {
                throw new EngineError.BadParameter("unknown log opt '" + option + "'" + where);
            }
        }
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

    /** What the host is to do; with the reason when it cannot. */
    static LogSpec spec(LogConfig config, LoggedContainer container) {
        try {
            return switch (config.type()) {
                case "", "json-file" -> jsonFile(config.config(), container);
                case "local" -> local(config.config());
                case "none" -> new LogSpec(config.type(), -1, 1);
                default -> shipping(config, container);
            };
        } catch (EngineError.BadParameter e) {
            return new LogSpec(config.type(), -1, 1, null, e.getMessage());
        }
    }

    private static LogSpec jsonFile(Map<String, String> options, LoggedContainer container) {
        String size = options.get("max-size");
        long maxSize = size == null ? -1 : ByteSize.parse(size);
        if (maxSize == 0) {
            throw new EngineError.BadParameter("max-size must be a positive number");
        }
        int maxFile = options.containsKey("max-file") ? count(options.get("max-file")) : 1;
        if (maxFile < 1) {
            throw new EngineError.BadParameter("max-file cannot be less than 1");
        }
        boolean rotates = maxSize > 0 && maxFile > 1;
        if (compresses(options, false) && !rotates) {
            throw new EngineError.BadParameter(
                    "compress cannot be true when max-file is less than 2 or max-size is not set");
        }
        return bounded("json-file", maxSize, maxFile, LogDetails.of(options, container), compresses(options, false));
    }

    private static LogSpec local(Map<String, String> options) {
        long maxSize = LOCAL_SIZE;
        int maxFile = LOCAL_FILES;
        if (options.containsKey("max-size")) {
            maxSize = about(
                    "invalid value for max-size: " + options.get("max-size") + ": ",
                    () -> ByteSize.parse(options.get("max-size")));
        }
        if (options.containsKey("max-file")) {
            maxFile = about(
                    "invalid value for max-file: " + options.get("max-file") + ": ",
                    () -> count(options.get("max-file")));
        }
        boolean compresses = about("error reading compress log option: ", () -> compresses(options, true));
        if (maxFile < 0) {
            throw new EngineError.BadParameter("max file count cannot be less than 0");
        }
        if (compresses && maxFile <= 1) {
            throw new EngineError.BadParameter("compression cannot be enabled when max file count is 1");
        }
        return bounded("local", maxSize == 0 ? -1 : maxSize, Math.max(maxFile, 1), null, compresses);
    }

    /** Without a size there is nothing to count; hosts multiply the two. */
    private static LogSpec bounded(String driver, long maxSize, int maxFile, String details, boolean compress) {
        return maxSize < 0
                ? new LogSpec(driver, -1, 1, details, null)
                : new LogSpec(
                        driver,
                        Math.min(maxSize, Long.MAX_VALUE / maxFile),
                        maxFile,
                        details,
                        null,
                        compress && maxFile > 1,
                        false,
                        null);
    }

    /** What is sent away is kept as by {@code local}, too, with the options of the cache; bad values of these count as none. */
    private static LogSpec shipping(LogConfig config, LoggedContainer container) {
        Map<String, String> cache = new HashMap<>();
        for (String option : OF_FILES) {
            if (config.config().containsKey("cache-" + option)) {
                cache.put(option, config.config().get("cache-" + option));
            }
        }
        LogSpec kept;
        try {
            kept = local(cache);
        } catch (EngineError.BadParameter e) {
            kept = local(Map.of());
        }
        boolean unreadable =
                Truth.parse(config.config().getOrDefault("cache-disabled", "")).orElse(false);
        return new LogSpec(
                config.type(),
                kept.maxSize(),
                kept.maxFile(),
                null,
                null,
                kept.compress(),
                unreadable,
                ShippingOptions.spec(config, container, buffer(config.config())));
    }

    /** Bytes that may wait for a target; -1 for all that is kept. dockerd's standard is a mebibyte. */
    private static long buffer(Map<String, String> options) {
        if (!options.getOrDefault("mode", "").equals("non-blocking")) {
            return -1;
        }
        String size = options.get("max-buffer-size");
        return size == null ? 1 << 20 : ShippingOptions.ramSize(size);
    }

    private interface Read<T> {
        T read();
    }

    private static <T> T about(String prefix, Read<T> option) {
        try {
            return option.read();
        } catch (EngineError.BadParameter e) {
            throw new EngineError.BadParameter(prefix + e.getMessage());
        }
    }

    private static int count(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new EngineError.BadParameter("strconv.Atoi: parsing \"" + text + "\": "
                    + (text.matches("[+-]?[0-9]+") ? "value out of range" : "invalid syntax"));
        }
    }

    private static boolean compresses(Map<String, String> options, boolean otherwise) {
        String text = options.get("compress");
        return text == null
                ? otherwise
                : Truth.parse(text)
                        .orElseThrow(() -> new EngineError.BadParameter(
                                "strconv.ParseBool: parsing \"" + text + "\": invalid syntax"));
    }
}
