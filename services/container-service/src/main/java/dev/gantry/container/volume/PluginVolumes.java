package dev.gantry.container.volume;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.PluginVolume;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.VolumeRecords;
import dev.gantry.engine.host.Hosts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * What the hosts' volume plug-ins have, beside what we know of: as dockerd, volumes that others made with a plug-in are seen, and
 * used by their names. Hosts without plug-ins are not asked.
 */
@ApplicationScoped
class PluginVolumes {
    private static final Logger LOG = Logger.getLogger(PluginVolumes.class);

    private final Hosts hosts;
    private final HostAgents agents;

    PluginVolumes(Hosts hosts, HostAgents agents) {
        this.hosts = hosts;
        this.agents = agents;
    }

    /** The request with the driver that has such a volume, when none was asked for; fails for a driver that the host does not have. */
    Uni<VolumeRequest> known(String name, VolumeRequest wanted, HostDescription host) {
        if (!wanted.driverOrLocal().equals(VolumeRequest.LOCAL)) {
            return agents.requireVolumePlugin(host.id(), wanted.driver())
                    .onFailure()
                    .transform(failure -> prefixed("create " + name + ": ", AgentErrors.translate(failure)))
                    .replaceWith(wanted);
        }
        if (wanted.driver() != null || host.volumePlugins().isEmpty()) {
            return Uni.createFrom().item(wanted);
        }
        return agents.pluginVolume(host.id(), name, null)
                .map(found -> new VolumeRequest(found.driver(), wanted.options(), wanted.labels()))
                .onFailure(AgentFailure.class)
                .recoverWithItem(wanted);
    }

    private static Throwable prefixed(String prefix, Throwable failure) {
        return failure instanceof EngineError.NotFound
                ? new EngineError.NotFound(prefix + failure.getMessage())
                : failure;
    }

    /** With what its plug-in says of it now, if that answers. */
    Uni<VolumeRecords.Volume> record(VolumeEntity row) {
        return row.isLocal()
                ? Uni.createFrom().item(row.toRecord())
                : agents.pluginVolume(row.hostId, row.name, row.driver)
                        .map(told -> with(row.toRecord(), told))
                        .onFailure(AgentFailure.class)
                        .recoverWithItem(failure -> {
                            LOG.warnf("volume %s: %s", row.name, failure.getMessage());
                            return row.toRecord();
                        });
    }

    /** One that we know nothing of; fails with {@code NotFound} when nobody has it. */
    Uni<VolumeRecords.Volume> find(String name) {
        return withPlugins()
                .chain(ids -> {
                    Uni<PluginVolume> found = Uni.createFrom().nullItem();
                    for (String id : ids) {
                        found = found.chain(known -> known != null
                                ? Uni.createFrom().item(known)
                                : agents.pluginVolume(id, name, null)
                                        .onFailure(AgentFailure.class)
                                        .recoverWithNull());
                    }
                    return found;
                })
                .map(found -> {
                    if (found == null) {
                        throw new EngineError.NotFound("get " + name + ": no such volume");
                    }
                    return of(found);
                });
    }

    /** All of them, on all hosts that answer. */
    Uni<List<PluginVolume>> list() {
        return withPlugins().chain(ids -> {
            Uni<List<PluginVolume>> all = Uni.createFrom().item(new ArrayList<>());
            for (String id : ids) {
                all = all.call(list -> agents.pluginVolumes(id)
                        .onFailure(AgentFailure.class)
                        .recoverWithItem(List.of())
                        .invoke(list::addAll));
            }
            return all;
        });
    }

    private Uni<List<String>> withPlugins() {
        return hosts.list().map(all -> all.stream()
                .filter(Hosts.Host::reachable)
                .filter(host -> !host.description().volumePlugins().isEmpty())
                .map(Hosts.Host::id)
                .toList());
    }

    static VolumeRecords.Volume with(VolumeRecords.Volume known, PluginVolume told) {
        return new VolumeRecords.Volume(
                told.createdAt() == null ? known.createdAt() : told.createdAt(),
                known.driver(),
                known.labels(),
                told.mountpoint(),
                known.name(),
                known.options(),
                told.scope(),
                told.status(),
                null);
    }

    static VolumeRecords.Volume of(PluginVolume told) {
        return new VolumeRecords.Volume(
                told.createdAt(),
                told.driver(),
                null,
                told.mountpoint(),
                told.name(),
                null,
                told.scope(),
                told.status(),
                null);
    }
}
