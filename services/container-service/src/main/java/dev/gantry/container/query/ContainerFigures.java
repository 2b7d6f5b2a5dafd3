package dev.gantry.container.query;

import dev.gantry.service.metric.LookedUp;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** {@code gantry.containers}: how many are in each state, on all hosts together. */
@Singleton
final class ContainerFigures {
    private static final List<String> STATES =
            List.of("created", "running", "paused", "restarting", "removing", "exited", "dead");

    void register(@Observes StartupEvent event, MeterRegistry meters, Pool database) {
        LookedUp.register(
                meters, "gantry.containers", "Containers on all hosts", "state", STATES, () -> counts(database));
    }

    private static Uni<Map<String, Long>> counts(Pool database) {
        return database.query("select observed, count(*) from container.containers group by observed")
                .execute()
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1))));
    }
}
