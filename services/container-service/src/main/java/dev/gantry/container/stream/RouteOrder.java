package dev.gantry.container.stream;

/** Where our own routes stand among those of the HTTP server. */
public final class RouteOrder {
    /** Before the REST layer, which would answer "not found" for them. */
    public static final int BEFORE_REST = -10;

    private RouteOrder() {}
}
