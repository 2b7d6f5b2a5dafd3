package dev.gantry.container.create;

import java.nio.file.Path;
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
        if (!target.startsWith("/") || target.indexOf('\0') >= 0) {
            throw error.apply(prefix + "invalid mount path: '" + target + "' mount path must be absolute");
        }
        String clean = clean(target);
        if (clean.equals("/")) {
            throw error.apply(prefix + "invalid specification: destination can't be '/'");
        }
        return clean;
    }

    static String clean(String path) {
        return Path.of(path).normalize().toString();
    }
}
