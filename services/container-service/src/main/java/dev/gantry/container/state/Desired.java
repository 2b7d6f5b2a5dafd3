package dev.gantry.container.state;

import java.util.Locale;

/** What shall become of a container. */
public enum Desired {
    CREATED,
    RUNNING,
    STOPPED,
    /** To be stopped, and started again by the same command. */
    RESTARTED,
    REMOVED;

    /** As in the column {@code desired}. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Desired of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
