package dev.gantry.container.state;

import dev.gantry.service.database.DatabaseOptions;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.pgclient.pubsub.PgSubscriber;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.security.SecureRandom;
import org.eclipse.microprofile.config.Config;

/**
 * This process among those of the service. Its listening connection hears of every change of a container, made by
 * whichever replica, and holds an advisory lock on the replica's number: an operation whose owner's number nobody holds
 * was left behind, by a crash or because the database was away when its end was to be stored. A lost connection is
 * therefore followed by another number: what the old one owns is settled as after a crash.
 */
@ApplicationScoped
public class Replica {
    /** First key of the advisory locks; the second is the replica's number. */
    public static final int LOCK_CLASS = 0x67616e74;

    public static final String CHANNEL = "container_changes";

    private static final long RECONNECT_MILLIS = 500;

    private final SecureRandom random = new SecureRandom();
    private final Changes changes;
    private PgSubscriber subscriber;
    private volatile int number = random.nextInt(1, Integer.MAX_VALUE);
    private boolean claimed;

    Replica(Changes changes) {
        this.changes = changes;
    }

    public int number() {
        return number;
    }

    void start(@Observes StartupEvent event, Vertx vertx, Config config) {
        subscriber = PgSubscriber.subscriber(vertx, DatabaseOptions.from(config));
        subscriber.reconnectPolicy(retries -> RECONNECT_MILLIS);
        subscriber.channel(CHANNEL).subscribeHandler(subscribed -> claim()).handler(changes::announced);
        subscriber.connect();
    }

    void stop(@Observes ShutdownEvent event) {
        if (subscriber != null) {
            subscriber.close();
        }
    }

    /** Runs after every (re)connection; what changed meanwhile is found by those who wait looking again. */
    private void claim() {
        if (claimed) {
            number = random.nextInt(1, Integer.MAX_VALUE);
        }
        claimed = true;
        subscriber
                .actualConnection()
                .query("select pg_advisory_lock(" + LOCK_CLASS + ", " + number + ")")
                .execute();
        changes.missedSome();
    }
}
