package dev.gantry.container.volume;

import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.Replica;
import dev.gantry.engine.EngineError;
import dev.gantry.service.row.Rows;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Removes a volume. Phases: the row is marked, so that no container takes it up; the host deletes the directory; the
 * row goes with {@code destroy} in one transaction. When the host refuses, the mark is taken back.
 */
@ApplicationScoped
public class RemoveVolume {
    private static final String USERS =
            "select u.container_id from container.volume_uses u where u.volume_name = :name";
    private static final String UNSETTLED = "select count(*) from container.volume_uses u"
            + " join container.containers c on c.id = u.container_id"
            + " where u.volume_name = :name and c.operation = 'create'";

    private final Mutiny.SessionFactory sessions;
    private final HostAgents agents;
    private final VolumeFacts facts;
    private final Volumes volumes;
    private final Replica replica;

    RemoveVolume(
            Mutiny.SessionFactory sessions, HostAgents agents, VolumeFacts facts, Volumes volumes, Replica replica) {
        this.sessions = sessions;
        this.agents = agents;
        this.facts = facts;
        this.volumes = volumes;
        this.replica = replica;
    }

    /**
     * @param force a missing volume is no error; one in use stays an error
     * @return fails with {@code NotFound} and {@code Conflict} in Docker's words
     */
    public Uni<Void> remove(String name, boolean force) {
        return mark(name).chain(marked -> {
            if (marked == null) {
                return unknown(name, force);
            }
            return finish(marked, force).onFailure().call(() -> unmark(marked.name));
        });
    }

    /** Another's, in a plug-in, is taken up to be removed. */
    private Uni<Void> unknown(String name, boolean force) {
        return volumes.takeUp(name)
                .chain(() -> remove(name, force))
                .onFailure(EngineError.NotFound.class)
                .recoverWithUni(missing ->
                        force ? Uni.createFrom().voidItem() : Uni.createFrom().failure(missing));
    }

    /** Removes it unless it is missing or in use; tells whether it did. */
    public Uni<Boolean> ifUnused(String name) {
        return mark(name)
                .chain(marked -> marked == null
                        ? Uni.createFrom().item(false)
                        : finishOrUnmark(marked).replaceWith(true))
                .onFailure(EngineError.Conflict.class)
                .recoverWithItem(false);
    }

    private Uni<VolumeEntity> mark(String name) {
        return sessions.withTransaction(
                session -> session.find(VolumeEntity.class, name, LockModeType.PESSIMISTIC_WRITE)
                        .chain(volume -> volume == null
                                ? Uni.createFrom().nullItem()
                                : users(session, name).map(users -> {
                                    if (!users.isEmpty()) {
                                        throw new EngineError.Conflict("remove " + name + ": volume is in use - ["
                                                + String.join(", ", users) + "]");
                                    }
                                    volume.begin(Operation.REMOVE, UUID.randomUUID(), replica.number());
                                    return volume;
                                })));
    }

    private static Uni<List<String>> users(Mutiny.Session session, String name) {
        return session.createNativeQuery(USERS, String.class)
                .setParameter("name", name)
                .getResultList();
    }

    private Uni<Void> finishOrUnmark(VolumeEntity marked) {
        return finish(marked).onFailure().call(() -> unmark(marked.name));
    }

    /** Leaves it to the recovery. */
    Uni<Void> abandon(VolumeEntity marked) {
        return sessions.withTransaction(session -> session.find(VolumeEntity.class, marked.name)
                .invoke(volume -> {
                    if (volume != null && volume.operation() != null) {
                        volume.operationOwner = 0;
                    }
                })
                .replaceWithVoid());
    }

    /** The host's and the row's part, for a volume that is marked, and stays so when either fails. */
    public Uni<Void> finish(VolumeEntity marked) {
        return finish(marked, false);
    }

    private Uni<Void> finish(VolumeEntity marked, boolean force) {
        return agents.deleteVolume(marked.hostId, marked.name, force)
                .onFailure()
                .transform(AgentErrors::translate)
                .chain(() -> sessions.withTransaction(session -> session.find(VolumeEntity.class, marked.name)
                        .chain(volume -> volume == null
                                ? Uni.createFrom().voidItem()
                                : facts.destroyed(session, volume).chain(() -> Rows.delete(session, volume)))));
    }

    /**
     * A creation or removal that a crash left half done: what no container uses is removed, the rest is kept. One that
     * came with a container whose own creation is not settled yet waits for that.
     */
    public Uni<Void> settle(VolumeEntity left) {
        return sessions.withSession(session -> users(session, left.name).chain(users -> unsettled(session, left.name)
                        .map(unsettled ->
                                users.isEmpty() ? finish(left) : unsettled ? abandon(left) : unmark(left.name))))
                .chain(next -> next);
    }

    private static Uni<Boolean> unsettled(Mutiny.Session session, String name) {
        return session.createNativeQuery(UNSETTLED, Long.class)
                .setParameter("name", name)
                .getSingleResult()
                .map(count -> count > 0);
    }

    private Uni<Void> unmark(String name) {
        return sessions.withTransaction(session -> session.find(VolumeEntity.class, name)
                .invoke(volume -> {
                    if (volume != null) {
                        volume.finishOperation();
                    }
                })
                .replaceWithVoid());
    }
}
