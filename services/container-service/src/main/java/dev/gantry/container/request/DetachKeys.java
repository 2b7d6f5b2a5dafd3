package dev.gantry.container.request;

import dev.gantry.engine.EngineError;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The keys that detach a client: single characters and {@code ctrl-} combinations, separated by commas. */
public final class DetachKeys {
    private static final Pattern KEY = Pattern.compile("[^,]|ctrl-[a-z@\\[\\\\^_\\]]");

    private DetachKeys() {}

    /** @param keys null and empty mean the default */
    public static void check(String keys) {
        if (!valid(keys)) {
            throw new EngineError.BadParameter("Invalid detach keys (" + keys + ") provided");
        }
    }

    /** As {@link #check}, with what dockerd says of an exec. */
    public static void checkOfExec(String keys) {
        if (!valid(keys)) {
            throw new EngineError.Failed("Invalid escape keys (" + keys + ") provided");
        }
    }

    private static boolean valid(String keys) {
        return keys == null
                || keys.isEmpty()
                || Stream.of(keys.split(",", -1))
                        .allMatch(key -> KEY.matcher(key).matches());
    }
}
