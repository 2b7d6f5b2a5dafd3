package dev.gantry.image.catalog;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.filter.Filters;

/** The filter {@code dangling}: true asks for images without a tag, false for those with one. */
final class Dangling {
    private Dangling() {}

    static boolean wanted(Filters filters) {
        String value = filters.get("dangling").getLast();
        return switch (value) {
            case "1", "true", "True", "TRUE" -> true;
            case "0", "false", "False", "FALSE" -> false;
            default -> throw new EngineError.BadParameter("invalid filter 'dangling=[" + value + "]'");
        };
    }
}
