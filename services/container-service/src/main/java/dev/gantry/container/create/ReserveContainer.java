package dev.gantry.container.create;

import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.Replica;
import dev.gantry.container.volume.NewVolumes;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.hibernate.exception.ConstraintViolationException;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * A creation's first step: a hidden row that takes name and volumes. It does not wait for the disk: should PostgreSQL die
 * within the next moments and lose it, the creation's last step finds no row, says so to its client, and undoes what the
 * host made; when we die too, the host is told to delete a container that no row knows. Nobody tells it so of volumes:
 * with some, the row is on the disk before the host is asked.
 */
@ApplicationScoped
public class ReserveContainer {
    private static final int NAME_ATTEMPTS = 10;

    /** The setting holds for this one statement, which is a transaction of its own. */
    private static final String INSERT =
            """
            with relaxed as (
                select case when cast(:relaxed as boolean) then set_config('synchronous_commit', 'off', true) end)
            insert into container.containers (id, host_id, name, created_at, image_id, image_reference, platform, config,
                host_config, endpoints, mounts, chains, labels, command, network_mode, auto_remove, desired, operation,
                operation_id, operation_owner, observed, health_checked)
            select :id, :host, :name, cast(:created as bigint), :image, :reference, :platform, cast(cast(:config as text) as json),
                cast(cast(:hostConfig as text) as json), cast(cast(:endpoints as text) as json), cast(cast(:mounts as text) as json), cast(cast(:chains as text) as jsonb),
                cast(cast(:labels as text) as json), :command, :networkMode, cast(:autoRemove as boolean), :desired, :operation,
                cast(:operationId as uuid), cast(:owner as integer), :observed, cast(:healthChecked as boolean)
            from relaxed returning id
            """;

    /** A container that was removed meanwhile is linked to no more. */
    private static final String LINK =
            """
            with target as (update container.containers set linked_to = true where id = :target returning id)
            insert into container.links (container_id, alias, target_id) select :container, :alias, id from target
            """;

    private final Mutiny.SessionFactory sessions;
    private final NewVolumes volumes;
    private final Replica replica;
    private final SecureRandom random = new SecureRandom();

    ReserveContainer(Mutiny.SessionFactory sessions, NewVolumes volumes, Replica replica) {
        this.sessions = sessions;
        this.volumes = volumes;
        this.replica = replica;
    }

    /** @param name null for a generated one */
    Uni<ContainerEntity> reserve(NewContainer made, String name) {
        return name == null ? reserveAny(made, 0) : reserveAs(made, name);
    }

    private Uni<ContainerEntity> reserveAny(NewContainer made, int attempt) {
        Uni<ContainerEntity> reserved = reserveAs(made, NameGenerator.next(random, attempt));
        return attempt == NAME_ATTEMPTS
                ? reserved
                : reserved.onFailure(EngineError.Conflict.class).recoverWithUni(() -> reserveAny(made, attempt + 1));
    }

    private Uni<ContainerEntity> reserveAs(NewContainer made, String name) {
        ContainerEntity row = made.row(name, replica.number());
        Uni<?> reserved = made.usesVolumes() || !made.links().isEmpty()
                ? sessions.withTransaction(session -> insert(session, row, false)
                        .chain(() -> volumes.reserve(session, row, made.operation(), made.plan()::request))
                        .chain(() -> link(session, made)))
                : sessions.withSession(session -> insert(session, row, true));
        return reserved.replaceWith(row)
                .onFailure(ReserveContainer::isNameClash)
                .recoverWithUni(() -> holder(name).map(id -> {
                    throw ContainerNames.taken(name, id);
                }));
    }

    private static Uni<?> link(Mutiny.Session session, NewContainer made) {
        Uni<?> all = Uni.createFrom().voidItem();
        // In one order, so that no two wait for each other's rows.
        List<Map.Entry<String, String>> links = made.links().entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .toList();
        for (Map.Entry<String, String> link : links) {
            all = all.chain(() -> session.createNativeQuery(LINK)
                    .setParameter("container", made.id())
                    .setParameter("alias", link.getKey())
                    .setParameter("target", link.getValue())
                    .executeUpdate());
        }
        return all;
    }

    private static Uni<?> insert(Mutiny.Session session, ContainerEntity row, boolean relaxed) {
        Mutiny.SelectionQuery<String> query =
                session.createNativeQuery(INSERT, String.class).setParameter("relaxed", relaxed);
        row.columns().forEach(query::setParameter);
        return query.getResultList();
    }

    private static boolean isNameClash(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConstraintViolationException
                    || String.valueOf(cause.getMessage()).contains("containers_name_key")) {
                return String.valueOf(failure.getMessage()).contains("containers_name_key")
                        || String.valueOf(cause.getMessage()).contains("containers_name_key");
            }
        }
        return false;
    }

    private Uni<String> holder(String name) {
        return sessions.withSession(session -> session.createSelectionQuery(
                                "select c.id from ContainerEntity c where c.name = :name", String.class)
                        .setParameter("name", name)
                        .getSingleResultOrNull())
                .map(id -> id == null ? "" : id);
    }
}
