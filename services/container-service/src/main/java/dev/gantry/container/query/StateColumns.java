package dev.gantry.container.query;

import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Desired;
import dev.gantry.container.state.History;
import dev.gantry.container.state.ObservedState;
import dev.gantry.service.time.Nanoseconds;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Instant;

/** A container's state out of a row that was read without Hibernate. */
final class StateColumns {
    static final String LIST =
            "desired, observed, pid, exit_code, oom_killed, error, started_at, finished_at, restart_count";

    private StateColumns() {}

    static ContainerState of(Row row) {
        History history = new History(
                moment(row, "started_at"),
                moment(row, "finished_at"),
                row.getInteger("exit_code"),
                row.getBoolean("oom_killed"),
                row.getString("error"),
                row.getInteger("restart_count"));
        ContainerState seen = ObservedState.of(row.getString("observed"), history, row.getInteger("pid"));
        return Desired.of(row.getString("desired")) == Desired.REMOVED ? new ContainerState.Removing(seen) : seen;
    }

    static Instant moment(Row row, String column) {
        Long time = row.getLong(column);
        return time == null ? null : Nanoseconds.moment(time);
    }
}
