package dev.gantry.container.exec;

import io.smallrye.mutiny.Uni;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Forgets execs that nobody asks for any more, as dockerd does: a health check that runs every second would otherwise leave
 * a row for each second of a container's life. Of each container the latest {@link #KEPT} that ended stay, as many that
 * were made and never started, and all that run.
 */
final class OldExecs {
    static final int KEPT = 100;

    private static final String FORGET =
            "delete from container.execs where container_id = :container and state = :state"
                    + " and %1$s < (select %1$s from container.execs where container_id = :container and state = :state"
                    + " order by %1$s desc offset " + (KEPT - 1) + " limit 1)";

    private OldExecs() {}

    static Uni<Void> forgetEnded(Mutiny.Session session, String container) {
        return forget(session, container, "exited_at", ExecEntity.EXITED);
    }

    static Uni<Void> forgetUnused(Mutiny.Session session, String container) {
        return forget(session, container, "created_at", ExecEntity.CREATED);
    }

    private static Uni<Void> forget(Mutiny.Session session, String container, String order, String state) {
        return session.createNativeQuery(FORGET.formatted(order))
                .setParameter("container", container)
                .setParameter("state", state)
                .executeUpdate()
                .replaceWithVoid();
    }
}
