package dev.gantry.container.recovery;

import dev.gantry.container.create.UndoCreate;
import dev.gantry.container.network.ChangeNetworks;
import dev.gantry.container.remove.FinishRemoval;
import dev.gantry.container.run.RestartContainer;
import dev.gantry.container.run.StartContainer;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.Replica;
import dev.gantry.container.update.UpdateContainer;
import dev.gantry.container.volume.RemoveVolume;
import dev.gantry.container.volume.VolumeEntity;
import dev.gantry.engine.principal.Actor;
import dev.gantry.service.work.Background;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Finishes or undoes what crashed replicas left half done. A row's operation belongs to the replica whose number it
 * carries; when nobody holds that number's advisory lock, this replica takes the row over: creations are undone, starts,
 * updates, changes of networks and removals finished. Runs at start and every few seconds; taking a row over is one atomic update, so that of several
 * replicas one gets it.
 */
@ApplicationScoped
public class SettleOperations {
    private static final Logger LOG = Logger.getLogger(SettleOperations.class);
    private static final long PERIOD_MILLIS = 5_000;
    private static final Duration REPORT_DELAY = Duration.ofSeconds(5);
    private static final String UNCONNECTED = "from ContainerEntity c where c.observed in ('running', 'paused')"
            + " and c.network is null and c.operation is null and c.startedAt < :before";
    /** A restart begins its start within moments of the end. */
    private static final String UNRESTARTED = "select c.id from ContainerEntity c where c.desired = 'restarted'"
            + " and c.observed = 'exited' and c.operation is null and c.finishedAt < :before";

    private static final Duration RESTART_DELAY = Duration.ofSeconds(30);
    private static final String TAKE = "update container.%s set operation_owner = :me"
            + " where operation is not null and operation_owner <> :me and not exists (select 1 from pg_locks l"
            + " where l.locktype = 'advisory' and l.objsubid = 2 and l.granted and l.classid = cast(:class as oid)"
            + " and l.objid = cast(operation_owner as oid)) returning %s";

    private final Mutiny.SessionFactory sessions;
    private final Replica replica;
    private final UndoCreate undo;
    private final StartContainer start;
    private final RestartContainer restart;
    private final ChangeNetworks networks;
    private final UpdateContainer update;
    private final FinishRemoval removal;
    private final RemoveVolume volumes;
    private final Background background;
    private final AtomicBoolean running = new AtomicBoolean();
    private long timer;

    SettleOperations(
            Mutiny.SessionFactory sessions,
            Replica replica,
            UndoCreate undo,
            StartContainer start,
            RestartContainer restart,
            ChangeNetworks networks,
            UpdateContainer update,
            FinishRemoval removal,
            RemoveVolume volumes,
            Background background) {
        this.sessions = sessions;
        this.replica = replica;
        this.undo = undo;
        this.start = start;
        this.restart = restart;
        this.networks = networks;
        this.update = update;
        this.removal = removal;
        this.volumes = volumes;
        this.background = background;
    }

    void schedule(@Observes StartupEvent event, Vertx vertx) {
        timer = vertx.setPeriodic(0, PERIOD_MILLIS, tick -> {
            if (running.compareAndSet(false, true)) {
                background.run(
                        "settling operations", () -> settle().onTermination().invoke(() -> running.set(false)));
            }
        });
    }

    void stop(@Observes ShutdownEvent event, Vertx vertx) {
        vertx.cancelTimer(timer);
    }

    Uni<Void> settle() {
        return taken("containers", "id")
                .chain(ids -> each(ids, this::settleContainer))
                .chain(() -> taken("volumes", "name"))
                .chain(names -> each(names, this::settleVolume))
                .chain(this::reconnect)
                .chain(this::restart);
    }

    private Uni<List<String>> taken(String table, String key) {
        return sessions.withTransaction(session -> session.createNativeQuery(TAKE.formatted(table, key), String.class)
                .setParameter("me", replica.number())
                .setParameter("class", Integer.toUnsignedLong(Replica.LOCK_CLASS))
                .getResultList());
    }

    /** One that cannot be settled now is given up again, for the next round. */
    private Uni<Void> each(List<String> keys, Function<String, Uni<Void>> settle) {
        return Multi.createFrom()
                .iterable(keys)
                .onItem()
                .transformToUniAndConcatenate(key -> settle.apply(key)
                        .onFailure()
                        .invoke(failure -> LOG.warnf("%s stays unsettled: %s", key, failure.getMessage()))
                        .onFailure()
                        .recoverWithNull())
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> settleContainer(String id) {
        return sessions.withSession(session -> session.find(ContainerEntity.class, id))
                .chain(row -> {
                    if (row == null || row.operation() == null) {
                        return Uni.createFrom().voidItem();
                    }
                    LOG.infof(
                            "container %s was left in %s",
                            row.shortId(), row.operation().word());
                    return Actor.during(row.operationActor, () -> settle(row));
                });
    }

    private Uni<Void> settle(ContainerEntity row) {
        return switch (row.operation()) {
            case CREATE -> undo.undo(row);
            case START -> start.finish(row);
            case NETWORK -> networks.finish(row);
            case UPDATE -> update.finish(row);
            case REMOVE -> removal.finish(row.id).onFailure().call(() -> release("containers", "id", row.id));
        };
    }

    private Uni<Void> reconnect() {
        return sessions.withSession(session -> session.createSelectionQuery(UNCONNECTED, ContainerEntity.class)
                        .setParameter("before", Instant.now().minus(REPORT_DELAY))
                        .getResultList())
                .chain(rows -> Multi.createFrom()
                        .iterable(rows)
                        .onItem()
                        .transformToUniAndConcatenate(start::reconnect)
                        .collect()
                        .last()
                        .replaceWithVoid());
    }

    /** Those that were stopped to be started again, by a replica that is no more. */
    private Uni<Void> restart() {
        return sessions.withSession(session -> session.createSelectionQuery(UNRESTARTED, String.class)
                        .setParameter("before", Instant.now().minus(RESTART_DELAY))
                        .getResultList())
                .chain(ids -> each(ids, restart::finish));
    }

    private Uni<Void> settleVolume(String name) {
        return sessions.withSession(session -> session.find(VolumeEntity.class, name))
                .chain(row -> row == null || row.operation() == null
                        ? Uni.createFrom().voidItem()
                        : Actor.during(row.operationActor, () -> volumes.settle(row))
                                .onFailure()
                                .call(() -> release("volumes", "name", name)));
    }

    private Uni<Void> release(String table, String key, String value) {
        return sessions.withTransaction(session -> session.createNativeQuery(
                        "update container." + table + " set operation_owner = 0 where " + key + " = :value")
                .setParameter("value", value)
                .executeUpdate()
                .replaceWithVoid());
    }
}
