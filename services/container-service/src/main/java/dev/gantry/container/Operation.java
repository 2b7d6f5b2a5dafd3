package dev.gantry.container;

/** Words of the column {@code operation}: what is under way and would be left half done by a crash. */
public final class Operation {
    /** The host is making it; nobody sees the row yet. */
    public static final String CREATE = "create";

    public static final String START = "start";
    public static final String REMOVE = "remove";

    private Operation() {}
}
