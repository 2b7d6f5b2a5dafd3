package dev.gantry.container.volume;

import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.Replica;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.VolumeRecords;
import dev.gantry.engine.host.Hosts;
import dev.gantry.service.row.Rows;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code POST /volumes/create} and inspection. Creation phases: a row without mountpoint takes the name; the host makes
 * the directory; the row is completed, with {@code create} in one transaction. When the host refuses, the row goes.
 */
@ApplicationScoped
public class Volumes {
    private final Mutiny.SessionFactory sessions;
    private final Hosts hosts;
    private final HostAgents agents;
    private final VolumeFacts facts;
    private final PluginVolumes plugins;
    private final Replica replica;

    Volumes(
            Mutiny.SessionFactory sessions,
            Hosts hosts,
            HostAgents agents,
            VolumeFacts facts,
            PluginVolumes plugins,
            Replica replica) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.agents = agents;
        this.facts = facts;
        this.plugins = plugins;
        this.replica = replica;
    }

    /** Creating a volume that exists returns it as it is. */
    public Uni<VolumeRecords.Volume> create(VolumeRecords.Create request) {
        boolean anonymous = request.name().isEmpty();
        String name = anonymous ? VolumeNames.generate() : VolumeNames.check(request.name());
        VolumeRequest wanted = new VolumeRequest(request.driver(), request.driverOpts(), request.labels());
        if (request.clusterVolumeSpec() != null) {
            throw new EngineError.Unavailable(
                    "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm"
                            + " join\" to connect this node to swarm and try again.");
        }
        return hosts.place(Set.of())
                .chain(host -> plugins.known(name, wanted, host.description())
                        .chain(driven -> reserve(name, host.id(), driven, anonymous)))
                .chain(row -> row.operation() == null ? Uni.createFrom().item(row) : onHost(row))
                .chain(plugins::record);
    }

    private Uni<VolumeEntity> reserve(String name, String hostId, VolumeRequest request, boolean anonymous) {
        return sessions.withTransaction(
                session -> session.find(VolumeEntity.class, name).chain(found -> {
                    if (found != null) {
                        checkDriver(found, request.driver());
                        return Uni.createFrom().item(found);
                    }
                    if (request.driverOrLocal().equals(VolumeRequest.LOCAL)) {
                        LocalOptions.check(name, request.options());
                    }
                    VolumeEntity row = new VolumeEntity();
                    row.name = name;
                    row.hostId = hostId;
                    row.driver = request.driverOrLocal();
                    row.labels = labels(request, anonymous);
                    row.options = request.options().isEmpty() ? null : StoredJson.write(request.options());
                    row.mountpoint = "";
                    row.createdAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
                    row.anonymous = anonymous;
                    row.begin(Operation.CREATE, UUID.randomUUID(), replica.number());
                    return session.persist(row).chain(session::flush).replaceWith(row);
                }));
    }

    /** dockerd 23 and later mark volumes that nobody named, so that prune may take them. */
    private static String labels(VolumeRequest request, boolean anonymous) {
        if (anonymous && request.labels() == null) {
            return StoredJson.write(Map.of("com.docker.volume.anonymous", ""));
        }
        return request.labels() == null ? null : StoredJson.write(request.labels());
    }

    /** @param driver null when none was asked for */
    static void checkDriver(VolumeEntity volume, String driver) {
        if (driver != null && !driver.equals(volume.driver)) {
            throw new EngineError.Conflict("create " + volume.name + ": driver '" + volume.driver
                    + "' already has volume '" + volume.name + "': volume name must be unique");
        }
    }

    private Uni<VolumeEntity> onHost(VolumeEntity row) {
        return agents.createVolume(row.hostId, row.spec())
                .onFailure()
                .call(() -> forget(row.name))
                .onFailure()
                .transform(failure -> refused(row, AgentErrors.translate(failure)))
                .chain(made -> sessions.withTransaction(
                        session -> session.find(VolumeEntity.class, row.name).chain(found -> {
                            boolean mine = found.operation() != null;
                            found.mountpoint = made.mountpoint();
                            found.finishOperation();
                            return (mine
                                            ? facts.created(session, found)
                                            : Uni.createFrom().voidItem())
                                    .replaceWith(found);
                        })));
    }

    /** What a plug-in says, as dockerd passes it on. */
    private static Throwable refused(VolumeEntity row, Throwable failure) {
        return row.isLocal() || !(failure instanceof EngineError.Failed)
                ? failure
                : new EngineError.Failed("create " + row.name + ": " + failure.getMessage());
    }

    private Uni<Void> forget(String name) {
        return sessions.withTransaction(session -> session.find(VolumeEntity.class, name)
                .chain(found -> found == null || found.operation() == null
                        ? Uni.createFrom().voidItem()
                        : Rows.delete(session, found)));
    }

    public Uni<VolumeRecords.Volume> inspect(String name) {
        if (name.indexOf('\0') >= 0) {
            throw new EngineError.NotFound("get " + name.replace('\0', '?') + ": no such volume");
        }
        return sessions.withSession(session -> session.find(VolumeEntity.class, name))
                .chain(found -> found == null || found.operation() == Operation.CREATE
                        ? plugins.find(name)
                        : plugins.record(found));
    }

    /** Makes one ours that somebody else made with a plug-in; fails with {@code NotFound} when nobody did. */
    Uni<Void> takeUp(String name) {
        return plugins.find(name)
                .chain(found -> create(new VolumeRecords.Create(name, found.driver(), Map.of(), null, null)))
                .replaceWithVoid();
    }
}
