package dev.gantry.container.state;

import java.util.Locale;

/** What is under way on a container or a volume, and would be left half done by a crash. */
public enum Operation {
    /** The host is making it; nobody sees the row yet. */
    CREATE,
    START,
    /** A running container comes to other networks, or to other names there. */
    NETWORK,
    /** It gets other limits or another restart policy. */
    UPDATE,
    REMOVE;

    /** Whether others wait for its end before they begin: it takes moments, and leaves the container as it is or better. */
    boolean passes() {
        return this == START || this == NETWORK || this == UPDATE;
    }

    /** As in the column {@code operation}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @param word null when nothing is under way */
    public static Operation of(String word) {
        return word == null ? null : valueOf(word.toUpperCase(Locale.ROOT));
    }
}
