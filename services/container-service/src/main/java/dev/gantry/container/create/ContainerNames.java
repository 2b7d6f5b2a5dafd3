package dev.gantry.container.create;

import dev.gantry.engine.EngineError;
import java.util.regex.Pattern;

/** What a container may be called. */
public final class ContainerNames {
    private static final Pattern VALID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");

    private ContainerNames() {}

    /** The name without its slash. */
    public static String check(String name) {
        String bare = name.startsWith("/") ? name.substring(1) : name;
        if (!VALID.matcher(bare).matches()) {
            throw new EngineError.BadParameter(
                    "Invalid container name (" + name + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        }
        return bare;
    }

    public static EngineError.Conflict taken(String name, String holder) {
        return new EngineError.Conflict("Conflict. The container name \"/" + name
                + "\" is already in use by container \"" + holder
                + "\". You have to remove (or rename) that container to be able to reuse that name.");
    }
}
