package dev.gantry.container.stream;

import dev.gantry.engine.version.ApiVersion;

/** Content types of streams. */
public final class ContentTypes {
    public static final String RAW = "application/vnd.docker.raw-stream";
    private static final String MULTIPLEXED = "application/vnd.docker.multiplexed-stream";

    private ContentTypes() {}

    /** Before 1.42 every stream was called raw, framed or not. */
    public static String of(ApiVersion version, boolean tty) {
        return tty || version.before(1, 42) ? RAW : MULTIPLEXED;
    }
}
