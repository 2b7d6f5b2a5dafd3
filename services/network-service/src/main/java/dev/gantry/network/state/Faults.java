package dev.gantry.network.state;

import java.util.List;

/** Faults of a request, all told at once as dockerd does. */
public final class Faults {
    private Faults() {}

    /** @param faults at least one */
    public static String joined(String about, List<String> faults) {
        return about + ":\n" + (faults.size() == 1 ? faults.getFirst() : "* " + String.join("\n* ", faults));
    }
}
