package dev.gantry.service.outbox;

import dev.gantry.service.database.DatabaseOptions;
import dev.gantry.service.database.SilentDatabase;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/**
 * Publishes the rows of one schema's {@code outbox} to Kafka in the order of their position and deletes them once
 * acknowledged: at least once, in order per object. It is woken by {@code NOTIFY <schema>_outbox} and looks by itself
 * every second. Of all relays of a schema only the one that holds the schema's advisory lock works; the lock belongs to
 * the listening connection, so it is free again when that relay dies.
 *
 * <p>Starting returns at once. With PostgreSQL or Kafka away nothing is lost: the rows wait and the relay tries again.
 */
public final class OutboxRelay {
    /**
     * A notification on {@code <schema>_outbox} that begins so and goes on with an id is answered on {@link #ANSWERS} with
     * id and schema, once all is published that was in the outbox.
     */
    public static final String QUESTION = "published? ";

    /** Channel of the answers. */
    public static final String ANSWERS = "outbox_published";

    /**
     * Deletions need not wait for the disk, nor make events wait that are stored meanwhile: when PostgreSQL loses one, what
     * it deleted is published again, and consumers drop repeats by id.
     */
    private static final String RELAXED = "set synchronous_commit = off";

    private static final Logger LOG = Logger.getLogger(OutboxRelay.class);
    private static final int BATCH = 500;
    private static final long POLL_MILLIS = 1000;
    private static final long QUERY_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final String schema;
    private final PgConnectOptions database;
    private final Publisher publisher;
    private final Context context;

    // All below is touched on the context's thread only.
    private final Set<Long> rejected = new HashSet<>();
    private final List<String> questions = new ArrayList<>();
    private PgConnection connection;
    private boolean connecting;
    private boolean leading;
    private boolean draining;
    private boolean woken;
    private boolean stopped;
    private long queryingSince;
    private long timer;
    private boolean reportedAway;

    private volatile Instant behindSince;
    private final AtomicLong published = new AtomicLong();

    /**
     * @param kafka as {@link KafkaAccess} has it
     * @param schema the service's schema, a constant of ours: it becomes part of SQL text
     */
    public OutboxRelay(Vertx vertx, PgConnectOptions database, Map<String, Object> kafka, String schema) {
        this.schema = schema;
        this.database = database;
        this.publisher = Publisher.shared(kafka);
        this.context = vertx.getOrCreateContext();
    }

    /** A relay for the database and the broker that {@code gantry.postgres.*} and {@code gantry.kafka.*} name. */
    public static OutboxRelay of(Vertx vertx, Config config, String schema) {
        return new OutboxRelay(vertx, DatabaseOptions.from(config), KafkaAccess.of(config), schema);
    }

    public void start() {
        publisher.warmUp();
        context.runOnContext(ignored -> {
            timer = context.owner().setPeriodic(POLL_MILLIS, id -> look());
            look();
        });
    }

    /** Lets go of the connection, and with it of the lock. Rows not acknowledged by then are sent again by the next. */
    public void stop() {
        context.runOnContext(ignored -> {
            stopped = true;
            SilentDatabase.answered(schema);
            context.owner().cancelTimer(timer);
            if (connection != null) {
                connection.close();
            }
        });
    }

    private void look() {
        if (stopped || connecting) {
            return;
        }
        if (connection == null) {
            connect();
        } else if (queryingSince != 0) {
            await(System.nanoTime() - queryingSince);
        } else if (leading) {
            drain();
        } else {
            lead();
        }
    }

    private void await(long waitedNanos) {
        SilentDatabase.outstanding(schema);
        if (waitedNanos > QUERY_LIMIT_NANOS) {
            LOG.warnf("outbox of %s: the database does not answer, connecting anew", schema);
            lost(connection);
        }
    }

    private void connect() {
        connecting = true;
        PgConnection.connect(context.owner(), database)
                .compose(fresh -> fresh.query(RELAXED)
                        .execute()
                        .compose(relaxed ->
                                fresh.query("listen " + schema + "_outbox").execute())
                        .map(fresh)
                        .onFailure(e -> fresh.close()))
                .onComplete(result -> {
                    connecting = false;
                    if (result.failed()) {
                        away(result.cause());
                        return;
                    }
                    connection = result.result();
                    reportedAway = false;
                    PgConnection current = connection;
                    current.closeHandler(closed -> lost(current));
                    current.notificationHandler(notification -> notified(notification.getPayload()));
                    if (stopped) {
                        current.close();
                    } else {
                        lead();
                    }
                });
    }

    private void lead() {
        PgConnection current = connection;
        timed(current.preparedQuery("select pg_try_advisory_lock(hashtext('gantry outbox'), hashtext($1))")
                        .execute(Tuple.of(schema)))
                .onSuccess(rows -> {
                    if (current == connection && rows.iterator().next().getBoolean(0)) {
                        leading = true;
                        drain();
                    }
                })
                .onFailure(this::away);
    }

    private void notified(String payload) {
        if (leading && payload.startsWith(QUESTION)) {
            questions.add(payload.substring(QUESTION.length()));
        }
        woken = true;
        if (leading) {
            drain();
        }
    }

    private void drain() {
        if (draining || stopped) {
            return;
        }
        draining = true;
        woken = false;
        PgConnection current = connection;
        // Whoever asks meanwhile has to wait for the next look.
        List<String> asked = List.copyOf(questions);
        timed(current.preparedQuery("select position, topic, subject, event from " + schema
                                + ".outbox where position <> all($1) order by position limit " + BATCH)
                        .execute(Tuple.of(rejected.toArray(Long[]::new))))
                .compose(this::publish)
                .compose(outcome -> delete(current, outcome)
                        .compose(more -> shorten(current, outcome.rejected()).map(shortened -> more || shortened))
                        .onSuccess(more -> {
                            if (outcome.complete() && !more) {
                                behindSince = rejected.isEmpty() ? null : behindSince;
                                answer(current, asked);
                            }
                        }))
                .onComplete(result -> {
                    draining = false;
                    boolean more = result.succeeded() && (result.result() || woken);
                    if (result.failed()) {
                        away(result.cause());
                    }
                    if (more && current == connection) {
                        drain();
                    }
                });
    }

    private void answer(PgConnection current, List<String> asked) {
        questions.removeAll(asked);
        for (String id : asked) {
            current.preparedQuery("select pg_notify('" + ANSWERS + "', $1)")
                    .execute(Tuple.of(id + " " + schema))
                    .onFailure(this::away);
        }
    }

    private Future<Publisher.Outcome> publish(RowSet<Row> rows) {
        behindSince = behindSince == null && rows.size() > 0 ? Instant.now() : behindSince;
        List<Publisher.Message> messages = new ArrayList<>(rows.size());
        for (Row row : rows) {
            messages.add(new Publisher.Message(row.getLong(0), row.getString(1), row.getString(2), row.getString(3)));
        }
        return messages.isEmpty()
                ? Future.succeededFuture(Publisher.Outcome.NOTHING)
                : Future.fromCompletionStage(publisher.publish(messages), context);
    }

    /** Deletes what was acknowledged; true when there may be more rows to publish at once. */
    private Future<Boolean> delete(PgConnection current, Publisher.Outcome outcome) {
        if (outcome.acknowledged().isEmpty()) {
            return Future.succeededFuture(false);
        }
        Long[] positions = outcome.acknowledged().toArray(Long[]::new);
        published.addAndGet(positions.length);
        return timed(current.preparedQuery("delete from " + schema + ".outbox where position = any($1)")
                        .execute(Tuple.of(positions)))
                .map(deleted -> outcome.complete() && positions.length == BATCH);
    }

    /**
     * What the broker will never take is written anew without all that may be left out, to be published behind what came
     * after it. True when there is such a row. One that is refused even then is left out from now on, and seen in health.
     */
    private Future<Boolean> shorten(PgConnection current, List<Long> positions) {
        Future<Boolean> shortened = Future.succeededFuture(false);
        for (Long position : positions) {
            shortened = shortened.compose(
                    before -> timed(current.preparedQuery("select event from " + schema + ".outbox where position = $1")
                                    .execute(Tuple.of(position)))
                            .compose(rows -> shorten(current, position, rows))
                            .map(now -> before || now));
        }
        return shortened;
    }

    private Future<Boolean> shorten(PgConnection current, Long position, RowSet<Row> rows) {
        String event = rows.size() == 0 ? "{}" : rows.iterator().next().getString(0);
        String least = FittingEvent.least(event);
        if (least.equals(event)) {
            rejected.add(position);
            return Future.succeededFuture(false);
        }
        return timed(current.preparedQuery("update " + schema + ".outbox set event = $2 where position = $1")
                        .execute(Tuple.of(position, least)))
                .map(true);
    }

    /** Since when there is something that could not be published; empty when nothing waits. */
    Optional<Instant> behindSince() {
        return Optional.ofNullable(behindSince);
    }

    /** How many facts were, those counted twice that had to be sent again. */
    long published() {
        return published.get();
    }

    String schema() {
        return schema;
    }

    private <T> Future<T> timed(Future<T> query) {
        queryingSince = System.nanoTime();
        return query.onComplete(done -> {
            queryingSince = 0;
            SilentDatabase.answered(schema);
        });
    }

    private void lost(PgConnection gone) {
        if (gone == connection) {
            connection = null;
            leading = false;
            draining = false;
            queryingSince = 0;
            // Whoever leads from now on knows whether anything waits.
            behindSince = null;
            questions.clear();
            gone.close();
        }
    }

    private void away(Throwable cause) {
        if (!reportedAway && !stopped) {
            LOG.warnf("outbox of %s waits: %s", schema, cause.getMessage());
            reportedAway = true;
        }
    }
}
