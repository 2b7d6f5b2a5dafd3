package dev.gantry.container.create;

import dev.gantry.agent.api.CleanPath;
import java.util.function.Function;

/** Paths in mount specifications. They are only cleaned here; hosts resolve them inside the container's root. */
final class MountTargets {
    private MountTargets() {}

    /**
     * A mount's target, cleaned.
     *
     * @param error makes the exception from the message
     */
    static String check(String type, String target, Function<String, ? extends RuntimeException> error) {
        String prefix = "invalid mount config for type \"" + type + "\": ";
        String clean = clean(prefix, target, error);
        if (clean.equals("/")) {
            throw error.apply(prefix + "invalid specification: destination can't be '/'");
        }
        return clean;
    }

    /** A bind's source on the host, cleaned. */
    static String source(String source, Function<String, ? extends RuntimeException> error) {
        return clean("invalid mount config for type \"bind\": ", source, error);
    }

    private static String clean(String prefix, String path, Function<String, ? extends RuntimeException> error) {
        if (!path.startsWith("/") || !CleanPath.isPossible(path)) {
            throw error.apply(prefix + "invalid mount path: '" + path + "' mount path must be absolute");
        }
        return CleanPath.of(path);
    }
}
