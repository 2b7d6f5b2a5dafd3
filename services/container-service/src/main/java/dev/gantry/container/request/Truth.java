package dev.gantry.container.request;

import java.util.Locale;

/** Flags in queries, as dockerd reads them: anything but these words is true. */
public final class Truth {
    private Truth() {}

    public static boolean of(String text) {
        String word = text == null ? "" : text.strip().toLowerCase(Locale.ROOT);
        return switch (word) {
            case "", "0", "no", "false", "none" -> false;
            default -> true;
        };
    }
}
