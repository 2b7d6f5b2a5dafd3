package dev.gantry.container.query;

import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerState;
import dev.gantry.engine.container.Containers.ContainerUse;
import dev.gantry.engine.container.Containers.Counts;
import dev.gantry.engine.container.Containers.Standing;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.hibernate.reactive.mutiny.Mutiny;

/** What other services ask. A container that is still being made counts: what it needs must stay. */
@ApplicationScoped
public class ContainerQueries {
    private static final String COUNTS = "select observed, count(*) from container.containers"
            + " where operation is distinct from 'create' group by observed";

    private static final String LOAD =
            "select host_id, count(*) from container.containers where desired = 'running' group by host_id";

    private static final String STANDING = "select id, name,"
            + " observed in ('running', 'paused', 'restarting') or operation is not distinct from 'start' as active"
            + " from container.containers where id = any($1)";

    private final Mutiny.SessionFactory sessions;
    private final Pool database;

    ContainerQueries(Mutiny.SessionFactory sessions, Pool database) {
        this.database = database;
        this.sessions = sessions;
    }

    public Uni<List<ContainerUse>> usingImage(String imageId) {
        return sessions.withSession(session -> session.createSelectionQuery(
                                "from ContainerEntity c where c.imageId = :image or c.mounts like :mounted",
                                ContainerEntity.class)
                        .setParameter("image", imageId)
                        .setParameter("mounted", "%\"image\":{\"id\":\"" + imageId + "\"%")
                        .getResultList())
                .map(ContainerQueries::uses);
    }

    public Uni<List<Standing>> standing(List<String> ids) {
        return database.preparedQuery(STANDING)
                .execute(Tuple.of(ids.toArray(String[]::new)))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> new Standing(row.getString("id"), row.getString("name"), row.getBoolean("active")))
                        .toList());
    }

    private static List<ContainerUse> uses(List<ContainerEntity> rows) {
        return rows.stream()
                .map(row -> new ContainerUse(
                        row.id, row.name, row.imageReference, row.observed() instanceof ContainerState.Alive))
                .toList();
    }

    public Uni<Map<String, Long>> load() {
        return sessions.withSession(session ->
                        session.createNativeQuery(LOAD, Object[].class).getResultList())
                .map(rows -> rows.stream()
                        .collect(Collectors.toMap(row -> (String) row[0], row -> ((Number) row[1]).longValue())));
    }

    public Uni<Counts> counts() {
        return sessions.withSession(session ->
                        session.createNativeQuery(COUNTS, Object[].class).getResultList())
                .map(rows -> {
                    long running = 0;
                    long paused = 0;
                    long stopped = 0;
                    for (Object[] row : rows) {
                        long count = ((Number) row[1]).longValue();
                        switch ((String) row[0]) {
                            case "running", "restarting" -> running += count;
                            case "paused" -> paused += count;
                            default -> stopped += count;
                        }
                    }
                    return new Counts(running, paused, stopped);
                });
    }
}
