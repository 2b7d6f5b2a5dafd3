package dev.gantry.container.state;

import java.time.Instant;

/**
 * What happened to a container's main process so far.
 *
 * @param startedAt null when it never started; so is {@code finishedAt} when it never ended
 * @param restartCount by its restart policy since the last start by command
 * @param error why the last start failed, or empty
 */
public record History(
        Instant startedAt, Instant finishedAt, int exitCode, boolean oomKilled, String error, int restartCount) {

    public static final History NONE = new History(null, null, 0, false, "", 0);

    History started(Instant at, int restarts) {
        return new History(at, finishedAt, 0, false, "", restarts);
    }

    History finished(ContainerState.Exit exit) {
        return new History(startedAt, exit.at(), exit.code(), exit.oomKilled(), exit.error(), restartCount);
    }

    History failed(int code, String reason) {
        return new History(startedAt, finishedAt, code, oomKilled, reason, restartCount);
    }
}
