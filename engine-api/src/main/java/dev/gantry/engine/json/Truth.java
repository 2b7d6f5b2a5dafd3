package dev.gantry.engine.json;

import java.util.Optional;

/** Truth values as Go's {@code strconv.ParseBool} reads them, which options of the API are written in. */
public final class Truth {
    private Truth() {}

    /** Empty for what is none. */
    public static Optional<Boolean> parse(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "True", "TRUE" -> Optional.of(true);
            case "0", "f", "F", "false", "False", "FALSE" -> Optional.of(false);
            default -> Optional.empty();
        };
    }
}
