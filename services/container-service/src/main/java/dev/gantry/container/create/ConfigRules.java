package dev.gantry.container.create;

import dev.gantry.agent.api.CleanPath;
import dev.gantry.container.state.Signals;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a {@code ContainerConfig} may say, in dockerd's words where it may not. */
final class ConfigRules {
    /** In bytes: __NEW_UTS_LEN of linux/utsname.h. */
    private static final int MAX_HOSTNAME = 64;

    private ConfigRules() {}

    static void check(ContainerConfig config) {
        cleanWorkingDir(config.workingDir());
        checkEnv(config.env());
        boolean tooLong = config.hostname().getBytes(StandardCharsets.UTF_8).length > MAX_HOSTNAME;
        if (tooLong || config.hostname().indexOf('\n') >= 0) {
            throw new EngineError.BadParameter("invalid hostname: " + config.hostname());
        }
        if (config.stopSignal() != null && !config.stopSignal().isEmpty()) {
            Signals.parse(config.stopSignal());
        }
        if (config.exposedPorts() != null) {
            config.exposedPorts().keySet().forEach(PortRules::checkPort);
        }
        if (config.healthcheck() != null) {
            HealthConfig.of(config.healthcheck()).check();
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
}
