package dev.gantry.container.request;

import dev.gantry.engine.EngineError;
import java.util.regex.Pattern;

/** The keys that detach a client: single characters and {@code ctrl-} combinations, separated by commas. */
public final class DetachKeys {
    private static final Pattern KEY = Pattern.compile("[^,]|ctrl-[a-z@\\[\\\\^_\\]]");

    private DetachKeys() {}

    /** @param keys null and empty mean the default */
    public static void check(String keys) {
        if (keys == null || keys.isEmpty()) {
            return;
        }
        for (String key : keys.split(",", -1)) {
            if (!KEY.matcher(key).matches()) {
                throw new EngineError.BadParameter("Invalid detach keys (" + keys + ") provided");
            }
        }
    }
}
