package dev.gantry.container.create;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.container.state.Signals;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import java.util.List;

/** What a {@code ContainerConfig} may say, in dockerd's words where it may not. */
final class ConfigRules {
    private static final int MAX_HOSTNAME = 63;
    private static final long MILLISECOND = 1_000_000;

    private ConfigRules() {}

    static void check(ContainerConfig config) {
        cleanWorkingDir(config.workingDir());
        checkEnv(config.env());
        if (config.hostname().length() > MAX_HOSTNAME || config.hostname().indexOf('\n') >= 0) {
            throw new EngineError.BadParameter("invalid hostname: " + config.hostname());
        }
        if (config.stopSignal() != null && !config.stopSignal().isEmpty()) {
            Signals.parse(config.stopSignal());
        }
        if (config.exposedPorts() != null) {
            config.exposedPorts().keySet().forEach(PortRules::checkPort);
        }
        if (config.healthcheck() != null) {
            checkHealth(config.healthcheck());
        }
    }

    /** As dockerd stores it; empty for none. */
    static String cleanWorkingDir(String path) {
        if (path.isEmpty()) {
            return path;
        }
        if (!path.startsWith("/") || !CleanPath.isPossible(path)) {
            throw new EngineError.BadParameter(
                    "the working directory '" + path + "' is invalid, it needs to be an absolute path");
        }
        return CleanPath.of(path);
    }

    static void checkEnv(List<String> env) {
        if (env == null) {
            return;
        }
        for (String variable : env) {
            if (variable.isEmpty() || variable.startsWith("=") || variable.indexOf('\0') >= 0) {
                throw new EngineError.BadParameter("invalid environment variable: " + variable);
            }
        }
    }

    private static void checkHealth(JsonNode health) {
        atLeastMillisecond(health, "Interval");
        atLeastMillisecond(health, "Timeout");
        atLeastMillisecond(health, "StartPeriod");
        atLeastMillisecond(health, "StartInterval");
        if (health.path("Retries").asInt() < 0) {
            throw new EngineError.BadParameter("Retries in Healthcheck cannot be negative");
        }
    }

    private static void atLeastMillisecond(JsonNode health, String field) {
        long nanoseconds = health.path(field).asLong();
        if (nanoseconds != 0 && nanoseconds < MILLISECOND) {
            throw new EngineError.BadParameter(field + " in Healthcheck cannot be less than 1ms");
        }
    }
}
