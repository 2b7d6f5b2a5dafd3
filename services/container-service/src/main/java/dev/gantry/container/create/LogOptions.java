package dev.gantry.container.create;

import dev.gantry.agent.api.ContainerSpec.LogSpec;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig.LogConfig;
import java.util.Set;

/** Log drivers: {@code json-file} with its options, and {@code none}. */
final class LogOptions {
    private static final Set<String> KNOWN =
            Set.of("max-size", "max-file", "compress", "labels", "labels-regex", "env", "env-regex", "tag", "mode");
    private static final LogSpec DEFAULT = new LogSpec("json-file", -1, 1);

    private LogOptions() {}

    static LogSpec parse(LogConfig config) {
        return switch (config.type()) {
            case "none" -> new LogSpec("none", -1, 1);
            case "json-file" -> jsonFile(config);
            default ->
                throw new EngineError.BadParameter("logger: no log driver named '" + config.type() + "' is registered");
        };
    }

    private static LogSpec jsonFile(LogConfig config) {
        for (String option : config.config().keySet()) {
            if (!KNOWN.contains(option)) {
                throw new EngineError.BadParameter("unknown log opt '" + option + "' for json-file log driver");
            }
        }
        String size = config.config().get("max-size");
        String files = config.config().get("max-file");
        long maxSize = size == null ? DEFAULT.maxSize() : ByteSize.parse(size);
        if (size != null && maxSize <= 0) {
            throw new EngineError.BadParameter("max-size must be a positive number");
        }
        int maxFile = files == null ? DEFAULT.maxFile() : count(files);
        if (maxFile > 1 && maxSize < 0) {
            throw new EngineError.BadParameter("max-file cannot be set without max-size");
        }
        return new LogSpec("json-file", maxSize, maxFile);
    }

    private static int count(String text) {
        if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) < 1) {
            throw new EngineError.BadParameter("max-file cannot be less than 1");
        }
        return Integer.parseInt(text);
    }
}
