package dev.gantry.container;

/** Words of the column {@code desired}. */
public final class Desired {
    public static final String CREATED = "created";
    public static final String RUNNING = "running";
    public static final String STOPPED = "stopped";
    public static final String REMOVED = "removed";

    private Desired() {}
}
