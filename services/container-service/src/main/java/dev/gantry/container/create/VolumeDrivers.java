package dev.gantry.container.create;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.PluginVolume;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.volume.VolumeRequest;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/** Which driver each volume of a new container has. The host is asked only when it has volume plug-ins, or when one is asked for. */
@ApplicationScoped
class VolumeDrivers {
    private static final String KNOWN =
            "select v.name, v.hostId, v.driver from VolumeEntity v where v.name in (:names)";

    private final Mutiny.SessionFactory sessions;
    private final HostAgents agents;

    VolumeDrivers(Mutiny.SessionFactory sessions, HostAgents agents) {
        this.sessions = sessions;
        this.agents = agents;
    }

    /** Those of a plan's volumes that there are, with their drivers, and the hosts that they are on. */
    record Known(Map<String, String> drivers, Set<String> hosts) {}

    Uni<Known> known(MountPlan plan) {
        List<String> names = plan.mounts().stream()
                .filter(PlannedMount::isVolume)
                .map(PlannedMount::source)
                .toList();
        return names.isEmpty()
                ? Uni.createFrom().item(new Known(Map.of(), Set.of()))
                : sessions.withSession(session -> session.createSelectionQuery(KNOWN, Object[].class)
                        .setParameter("names", names)
                        .getResultList()
                        .map(VolumeDrivers::known));
    }

    private static Known known(List<Object[]> rows) {
        Map<String, String> drivers = new HashMap<>();
        Set<String> hosts = new HashSet<>();
        for (Object[] row : rows) {
            drivers.put((String) row[0], (String) row[2]);
            hosts.add((String) row[1]);
        }
        return new Known(drivers, hosts);
    }

    /** Fails in dockerd's words when the host does not have a driver that is asked for. */
    Uni<Void> decide(MountPlan plan, Known known, HostDescription host) {
        Map<String, String> drivers = new HashMap<>(known.drivers());
        Uni<Void> all = Uni.createFrom().voidItem();
        for (String plugin : plan.plugins()) {
            all = all.chain(() -> agents.requireVolumePlugin(host.id(), plugin)
                    .onFailure()
                    .transform(failure -> missing(plan.volumeBy(plugin), failure)));
        }
        for (PlannedMount mount : host.volumePlugins().isEmpty() ? List.<PlannedMount>of() : plan.mounts()) {
            boolean anybodys = mount.isVolume()
                    && !mount.anonymous()
                    && !drivers.containsKey(mount.source())
                    && plan.request(mount.source()).driver() == null;
            if (anybodys) {
                all = all.chain(() -> agents.pluginVolume(host.id(), mount.source(), null)
                        .map(PluginVolume::driver)
                        .onFailure(AgentFailure.class)
                        .recoverWithItem(VolumeRequest.LOCAL)
                        .invoke(driver -> drivers.put(mount.source(), driver))
                        .replaceWithVoid());
            }
        }
        return all.invoke(() -> plan.drivenBy(drivers));
    }

    private static Throwable missing(String volume, Throwable failure) {
        Throwable told = AgentErrors.translate(failure);
        return told instanceof EngineError.NotFound
                ? new EngineError.NotFound("create " + volume + ": " + told.getMessage())
                : told;
    }
}
