package dev.gantry.cluster;

import dev.gantry.service.metric.LookedUp;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;

/** {@code gantry.hosts}: how many were heard of lately, and how many were not. */
@Singleton
final class HostFigures {
    private static final String COUNTS = "select count(*) filter (where last_seen > now() - make_interval(secs => $1)),"
            + " count(*) from cluster.hosts";

    void register(@Observes StartupEvent event, MeterRegistry meters, Pool database) {
        LookedUp.register(
                meters,
                "gantry.hosts",
                "Hosts by whether their agent was heard of lately",
                "state",
                List.of("reachable", "unreachable"),
                () -> counts(database));
    }

    private static Uni<Map<String, Long>> counts(Pool database) {
        double seconds = HostRegistry.REACHABLE_FOR.toSeconds();
        return database.preparedQuery(COUNTS).execute(Tuple.of(seconds)).map(rows -> {
            Row row = rows.iterator().next();
            return Map.of("reachable", row.getLong(0), "unreachable", row.getLong(1) - row.getLong(0));
        });
    }
}
