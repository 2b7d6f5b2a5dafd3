package dev.gantry.container.query;

import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.host.KnownHosts;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerLookup;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.History;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.volume.VolumeEntity;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.ContainerInspect;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.MountPoint;
import dev.gantry.engine.container.PortBinding;
import dev.gantry.engine.network.Networks;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/** {@code GET /containers/{id}/json}. Only {@code size=1} asks the host. */
@ApplicationScoped
public class InspectContainer {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private final Mutiny.SessionFactory sessions;
    private final ContainerLookup lookup;
    private final KnownHosts hosts;
    private final HostAgents agents;

    InspectContainer(Mutiny.SessionFactory sessions, ContainerLookup lookup, KnownHosts hosts, HostAgents agents) {
        this.sessions = sessions;
        this.lookup = lookup;
        this.hosts = hosts;
        this.agents = agents;
    }

    private record Loaded(ContainerEntity container, Map<String, String> mountpoints, List<String> execs) {}

    public Uni<ContainerInspect> inspect(String reference, boolean size) {
        return sessions.withSession(
                        session -> lookup.find(session, reference).chain(container -> mountpoints(session, container)
                                .chain(mountpoints -> execs(session, container)
                                        .map(execs -> new Loaded(container, mountpoints, execs)))))
                .chain(loaded -> hosts.description(loaded.container().hostId)
                        .chain(host -> size
                                ? agents.size(loaded.container().hostId, loaded.container().id)
                                        .map(bytes -> shown(loaded, host, bytes))
                                : Uni.createFrom().item(shown(loaded, host, null))));
    }

    private static Uni<Map<String, String>> mountpoints(Mutiny.Session session, ContainerEntity container) {
        List<String> names = container.mounts().stream()
                .filter(PlannedMount::isVolume)
                .map(PlannedMount::source)
                .toList();
        return names.isEmpty()
                ? Uni.createFrom().item(Map.of())
                : session.createSelectionQuery("from VolumeEntity v where v.name in (:names)", VolumeEntity.class)
                        .setParameter("names", names)
                        .getResultList()
                        .map(volumes -> volumes.stream()
                                .collect(Collectors.toMap(volume -> volume.name, volume -> volume.mountpoint)));
    }

    private static Uni<List<String>> execs(Mutiny.Session session, ContainerEntity container) {
        return session.createSelectionQuery(
                        "select e.id from ExecEntity e where e.containerId = :id and e.state = 'running'", String.class)
                .setParameter("id", container.id)
                .getResultList();
    }

    private static ContainerInspect shown(Loaded loaded, HostDescription host, ContainerOperations.Size size) {
        ContainerEntity container = loaded.container();
        ContainerConfig config = container.config();
        List<String> args = new ArrayList<>(config.entrypoint() == null ? List.of() : config.entrypoint());
        args.addAll(config.cmd() == null ? List.of() : config.cmd());
        Networks.Attachment attachment = container.attachment();
        Map<String, EndpointSettings> endpoints =
                Attachments.endpoints(attachment, container.endpoints, container.networkMode);
        Set<String> exposed =
                config.exposedPorts() == null ? Set.of() : config.exposedPorts().keySet();
        Map<String, List<PortBinding>> ports = Attachments.ports(attachment, exposed);
        String directory = host.stateDirectory() + "/containers/" + container.id;
        return new ContainerInspect(
                container.id,
                container.createdAt.toString(),
                args.getFirst(),
                args.subList(1, args.size()),
                state(container.state()),
                container.imageId,
                directory + "/resolv.conf",
                directory + "/hostname",
                directory + "/hosts",
                container.hostConfig().logConfig().type().equals("none") ? "" : directory + "/ctr.log",
                "/" + container.name,
                container.state().history().restartCount(),
                host.storageDriver(),
                container.platform,
                "",
                "",
                "",
                loaded.execs().isEmpty() ? null : loaded.execs(),
                container.hostConfig(),
                new ContainerInspect.GraphDriver(Map.of(), host.storageDriver()),
                size == null ? null : size.sizeRw(),
                size == null ? null : size.sizeRootFs(),
                mounts(container, loaded.mountpoints()),
                config,
                Attachments.settings(attachment, ports, endpoints, container.id, container.networkNamespace));
    }

    private static List<MountPoint> mounts(ContainerEntity container, Map<String, String> mountpoints) {
        return container.mounts().stream()
                .filter(PlannedMount::isInspected)
                .map(mount -> mount.toPoint(mountpoints.getOrDefault(mount.source(), "")))
                .toList();
    }

    private static ContainerInspect.State state(ContainerState state) {
        History history = state.history();
        ContainerState seen = state instanceof ContainerState.Removing removing ? removing.before() : state;
        return new ContainerInspect.State(
                state.word(),
                seen instanceof ContainerState.Alive,
                seen instanceof ContainerState.Paused,
                seen instanceof ContainerState.Restarting,
                history.oomKilled(),
                seen instanceof ContainerState.Dead,
                seen instanceof ContainerState.Running running
                        ? running.pid()
                        : seen instanceof ContainerState.Paused paused ? paused.pid() : 0,
                history.exitCode(),
                history.error(),
                time(history.startedAt()),
                time(history.finishedAt()));
    }

    private static String time(Instant moment) {
        return moment == null ? NEVER : moment.toString();
    }
}
