package dev.gantry.container.kept;

import dev.gantry.agent.api.query.GoDuration;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Containers that are gone and whose hosts keep their logs for a while ({@code gantry.logs.keep}). Rows whose time is over go
 * with the next one that comes.
 */
@ApplicationScoped
public class KeptLogs {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{12,64}");
    private static final String SELECT = "select id, host_id, inspection from container.kept_logs where until > now()";

    private final Pool database;
    private final Duration keep;

    KeptLogs(Pool database, @ConfigProperty(name = "gantry.logs.keep") String keep) {
        this.database = database;
        this.keep = GoDuration.parse(keep);
    }

    /** @param inspection of the container as it was, in JSON */
    public record Kept(String id, String hostId, String inspection) {}

    /** Whether the host will keep something of this container. */
    public boolean applyTo(ContainerEntity container) {
        return !keep.isZero() && !container.hostConfig().logConfig().type().equals("none");
    }

    /** In the transaction that deletes the container. */
    public Uni<Void> add(Mutiny.Session session, Kept kept) {
        return session.createNativeQuery("delete from container.kept_logs where until <= now()")
                .executeUpdate()
                .chain(() -> session.createNativeQuery(
                                "insert into container.kept_logs (id, host_id, until, inspection)"
                                        + " values (?1, ?2, now() + ?3 * interval '1 millisecond', ?4)"
                                        + " on conflict (id) do nothing")
                        .setParameter(1, kept.id())
                        .setParameter(2, kept.hostId())
                        .setParameter(3, keep.toMillis())
                        .setParameter(4, kept.inspection())
                        .executeUpdate())
                .replaceWithVoid();
    }

    /**
     * By its id, or twelve digits of that or more.
     *
     * @param missing the failure when there is none
     */
    public Uni<Kept> find(String reference, Throwable missing) {
        boolean none = keep.isZero()
                || !(missing instanceof EngineError.NotFound)
                || !ID.matcher(reference).matches();
        return none
                ? Uni.createFrom().failure(missing)
                : database.preparedQuery(SELECT + " and id like $1")
                        .execute(Tuple.of(reference + "%"))
                        .map(KeptLogs::kept)
                        .map(found -> {
                            if (found.size() != 1) {
                                throw (EngineError.NotFound) missing;
                            }
                            return found.getFirst();
                        });
    }

    /** All that there may be: hosts forget some earlier. */
    public Uni<List<Kept>> all() {
        return keep.isZero()
                ? Uni.createFrom().item(List.of())
                : database.query(SELECT).execute().map(KeptLogs::kept);
    }

    private static List<Kept> kept(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> new Kept(row.getString(0), row.getString(1), row.getString(2)))
                .toList();
    }
}
