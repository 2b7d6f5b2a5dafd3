package dev.gantry.container.volume;

import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.state.Replica;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.service.row.Rows;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

/** The volumes that a new container brings into being, from its creation's first transaction to its last. */
@ApplicationScoped
public class NewVolumes {
    private static final String USE =
            "insert into container.volume_uses (container_id, volume_name, destination, anonymous)"
                    + " values (:container, :volume, :destination, :anonymous)";
    private static final String OF_OPERATION = "from VolumeEntity v where v.operationId = :operation";
    private static final String NEW = "from VolumeEntity v where v.name in (:names) and v.operation = 'create'";
    private static final String USED = "select count(*) from container.volume_uses where volume_name = :name";

    private final Mutiny.SessionFactory sessions;
    private final HostAgents agents;
    private final VolumeFacts facts;
    private final Replica replica;

    NewVolumes(Mutiny.SessionFactory sessions, HostAgents agents, VolumeFacts facts, Replica replica) {
        this.sessions = sessions;
        this.agents = agents;
        this.facts = facts;
        this.replica = replica;
    }

    /** Takes the container's volumes: existing ones, and new rows that the operation has to make true. */
    public Uni<Void> reserve(
            Mutiny.Session session,
            ContainerEntity container,
            UUID operation,
            Function<String, VolumeRequest> requests) {
        Uni<Void> all = Uni.createFrom().voidItem();
        for (PlannedMount mount : container.mounts()) {
            if (mount.isVolume()) {
                all = all.chain(() -> session.find(VolumeEntity.class, mount.source(), LockModeType.PESSIMISTIC_WRITE)
                        .chain(found -> found == null
                                ? insert(session, container, mount, operation, requests.apply(mount.source()))
                                : existing(found, container, requests.apply(mount.source())))
                        .chain(() -> session.createNativeQuery(USE)
                                .setParameter("container", container.id)
                                .setParameter("volume", mount.source())
                                .setParameter("destination", mount.target())
                                .setParameter("anonymous", mount.anonymous())
                                .executeUpdate())
                        .replaceWithVoid());
            }
        }
        return all;
    }

    private static Uni<Void> existing(VolumeEntity volume, ContainerEntity container, VolumeRequest request) {
        Volumes.checkDriver(volume, request.driver());
        if (volume.operation() == Operation.REMOVE) {
            throw new EngineError.Conflict("volume " + volume.name + " is being removed");
        }
        if (!volume.hostId.equals(container.hostId)) {
            throw new EngineError.Conflict("volume " + volume.name + " is on another host");
        }
        return Uni.createFrom().voidItem();
    }

    private Uni<Void> insert(
            Mutiny.Session session,
            ContainerEntity container,
            PlannedMount mount,
            UUID operation,
            VolumeRequest request) {
        if (request.driverOrLocal().equals(VolumeRequest.LOCAL)) {
            LocalOptions.check(mount.source(), request.options());
        }
        VolumeEntity volume = new VolumeEntity();
        volume.name = mount.source();
        volume.hostId = container.hostId;
        volume.driver = request.driverOrLocal();
        volume.labels = request.labels() == null ? null : StoredJson.write(request.labels());
        volume.options = request.options().isEmpty() ? null : StoredJson.write(request.options());
        volume.mountpoint = "";
        volume.createdAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
        volume.anonymous = mount.anonymous();
        volume.begin(Operation.CREATE, operation, replica.number());
        return session.persist(volume).chain(session::flush);
    }

    /** Has the host make those that are more than directories, for which it needs no word. */
    public Uni<Void> make(UUID operation) {
        return sessions.withSession(session -> ofOperation(session, operation)).chain(volumes -> {
            Uni<Void> all = Uni.createFrom().voidItem();
            for (VolumeEntity volume : volumes) {
                if (!volume.request().isPlain()) {
                    all = all.chain(() ->
                            agents.createVolume(volume.hostId, volume.spec()).replaceWithVoid());
                }
            }
            return all;
        });
    }

    /** The host has made them, whichever creation they were begun by: they are as real as any other from now on. */
    public Uni<Void> appear(Mutiny.Session session, Map<String, String> mountpoints) {
        if (mountpoints == null || mountpoints.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return session.createSelectionQuery(NEW, VolumeEntity.class)
                .setParameter("names", List.copyOf(mountpoints.keySet()))
                .getResultList()
                .chain(volumes -> appear(session, volumes, mountpoints));
    }

    private Uni<Void> appear(Mutiny.Session session, List<VolumeEntity> volumes, Map<String, String> mountpoints) {
        Uni<Void> all = Uni.createFrom().voidItem();
        for (VolumeEntity volume : volumes) {
            volume.mountpoint = mountpoints.getOrDefault(volume.name, "");
            volume.finishOperation();
            all = all.chain(() -> facts.created(session, volume));
        }
        return all;
    }

    /** Deletes what a failed creation made, except volumes that another container has taken up meanwhile. */
    public Uni<Void> undo(UUID operation) {
        return sessions.withSession(session -> ofOperation(session, operation)).chain(volumes -> {
            Uni<Void> all = Uni.createFrom().voidItem();
            for (VolumeEntity volume : volumes) {
                all = all.chain(() -> undo(volume));
            }
            return all;
        });
    }

    /** Leaves those of a failed creation to the recovery. */
    public Uni<Void> abandon(UUID operation) {
        return sessions.withTransaction(session -> ofOperation(session, operation)
                .invoke(volumes -> volumes.forEach(volume -> volume.operationOwner = 0))
                .replaceWithVoid());
    }

    private Uni<Void> undo(VolumeEntity volume) {
        return sessions.withTransaction(session -> used(session, volume.name))
                .chain(used -> used
                        ? Uni.createFrom().voidItem()
                        : agents.deleteVolume(volume.hostId, volume.name)
                                .chain(() -> sessions.withTransaction(
                                        session -> session.find(VolumeEntity.class, volume.name)
                                                .chain(row -> row == null
                                                        ? Uni.createFrom().voidItem()
                                                        : Rows.delete(session, row)))));
    }

    private static Uni<Boolean> used(Mutiny.Session session, String name) {
        return session.createNativeQuery(USED, Long.class)
                .setParameter("name", name)
                .getSingleResult()
                .map(count -> count > 0);
    }

    private static Uni<List<VolumeEntity>> ofOperation(Mutiny.Session session, UUID operation) {
        return session.createSelectionQuery(OF_OPERATION, VolumeEntity.class)
                .setParameter("operation", operation)
                .getResultList();
    }
}
