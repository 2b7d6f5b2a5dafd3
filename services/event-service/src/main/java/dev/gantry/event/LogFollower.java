package dev.gantry.event;

import dev.gantry.service.database.DatabaseOptions;
import dev.gantry.service.database.SilentDatabase;
import dev.gantry.service.outbox.OutboxRelay;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.pubsub.PgSubscriber;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.Config;

/** Hears of what other replicas append, by NOTIFY and, should one be missed, by looking every second. */
@ApplicationScoped
class LogFollower {
    private static final long LOOK_MILLIS = 1000;

    private final EventLog log;
    private final EventTail tail;
    private final CatchUp catchUp;
    private final AtomicBoolean looking = new AtomicBoolean();
    private final AtomicBoolean asking = new AtomicBoolean();
    private PgSubscriber listener;
    private long timer;

    LogFollower(EventLog log, EventTail tail, CatchUp catchUp) {
        this.log = log;
        this.tail = tail;
        this.catchUp = catchUp;
    }

    void start(@Observes StartupEvent event, Vertx vertx, Config config) {
        listener = PgSubscriber.subscriber(vertx, DatabaseOptions.from(config));
        listener.reconnectPolicy(retries -> LOOK_MILLIS);
        listener.channel(EventLog.CHANNEL).handler(number -> tail.catchUp(Long.parseLong(number)));
        listener.channel(OutboxRelay.ANSWERS).handler(catchUp::answered);
        listener.connect();
        timer = vertx.setPeriodic(LOOK_MILLIS, id -> look());
    }

    void stop(@Observes ShutdownEvent event, Vertx vertx) {
        vertx.cancelTimer(timer);
        listener.close();
    }

    private void look() {
        askWhetherAlive();
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        // The database being away shows in the answers to requests; here there is nothing to do but look again.
        tail.position()
                .chain(known -> log.last())
                .onTermination()
                .invoke(() -> looking.set(false))
                .subscribe()
                .with(tail::catchUp, away -> {});
    }

    private void askWhetherAlive() {
        if (asking.get()) {
            SilentDatabase.outstanding(EventLog.CHANNEL);
            return;
        }
        PgConnection connection = listener.actualConnection();
        if (connection != null && asking.compareAndSet(false, true)) {
            connection.query("select 1").execute().onComplete(answer -> {
                asking.set(false);
                SilentDatabase.answered(EventLog.CHANNEL);
            });
        }
    }
}
