package dev.gantry.container.create;

import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.Operation;
import dev.gantry.container.volume.NewVolumes;
import dev.gantry.service.row.Rows;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Takes back a creation that its host did not finish, or that a crash interrupted. When the host cannot be reached now,
 * the row stays hidden and without owner, which makes the recovery try again later. A creation that was stored although
 * the answer of the database was lost stays.
 */
@ApplicationScoped
public class UndoCreate {
    private static final Logger LOG = Logger.getLogger(UndoCreate.class);
    private final Mutiny.SessionFactory sessions;
    private final HostAgents agents;
    private final NewVolumes volumes;

    UndoCreate(Mutiny.SessionFactory sessions, HostAgents agents, NewVolumes volumes) {
        this.sessions = sessions;
        this.agents = agents;
        this.volumes = volumes;
    }

    public Uni<Void> undo(ContainerEntity row) {
        return sessions.withSession(session -> session.find(ContainerEntity.class, row.id))
                .chain(found -> found == null || found.operation() == Operation.CREATE
                        ? takeBack(row)
                        : Uni.createFrom().voidItem())
                .onFailure()
                .recoverWithUni(failure -> {
                    LOG.warnf(failure, "undoing container %s waits for its host", row.shortId());
                    return later(row);
                });
    }

    /** Leaves it to the recovery: a host that has just not answered would only make the client wait a second time. */
    Uni<Void> later(ContainerEntity row) {
        return abandon(row.id)
                .chain(() -> volumes.abandon(row.operationId))
                .onFailure()
                .recoverWithNull();
    }

    private Uni<Void> takeBack(ContainerEntity row) {
        return agents.delete(row.hostId, row.id, true)
                .chain(() -> forget(row))
                .chain(() -> volumes.undo(row.operationId));
    }

    private Uni<Void> forget(ContainerEntity row) {
        return sessions.withTransaction(session -> session.find(ContainerEntity.class, row.id)
                .chain(found -> found == null || found.operation() != Operation.CREATE
                        ? Uni.createFrom().voidItem()
                        : Rows.delete(session, found)));
    }

    private Uni<Void> abandon(String id) {
        return sessions.withTransaction(
                        session -> session.find(ContainerEntity.class, id).invoke(found -> {
                            if (found != null) {
                                found.operationOwner = 0;
                            }
                        }))
                .replaceWithVoid()
                .onFailure()
                .recoverWithNull();
    }
}
