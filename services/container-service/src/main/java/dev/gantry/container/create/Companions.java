package dev.gantry.container.create;

import dev.gantry.container.network.Link;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerLookup;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.HostConfig;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.hibernate.reactive.mutiny.Mutiny;

/** The other containers that a new one names: to share their namespaces or to take over their mounts. */
@ApplicationScoped
public class Companions {
    private static final String CONTAINER = "container:";

    private final Mutiny.SessionFactory sessions;
    private final ContainerLookup lookup;

    Companions(Mutiny.SessionFactory sessions, ContainerLookup lookup) {
        this.sessions = sessions;
        this.lookup = lookup;
    }

    /**
     * What was found.
     *
     * @param host the configuration with names replaced by ids, so that a renamed companion is still found
     * @param hosts the hosts that the companions are on
     * @param network the one whose network is shared; null for none
     * @param links ids of linked containers by what they are called
     */
    record Found(
            HostConfig host,
            List<PlannedMount> inherited,
            Set<String> hosts,
            ContainerConfig network,
            Map<String, String> links) {}

    /** Fails with {@code BadParameter("No such container: ...")}; only a network's companion may still be missing. */
    Uni<Found> find(HostConfig asked) {
        boolean alone = !asked.networkMode().startsWith(CONTAINER)
                && !asked.pidMode().startsWith(CONTAINER)
                && !asked.ipcMode().startsWith(CONTAINER)
                && !HostDefaults.hasLinks(asked)
                && (asked.volumesFrom() == null || asked.volumesFrom().isEmpty());
        if (alone) {
            return Uni.createFrom().item(new Found(asked, List.of(), Set.of(), null, Map.of()));
        }
        return sessions.withSession(session -> {
            Search search = new Search(session, asked);
            return search.mode("NetworkMode", asked.networkMode(), true)
                    .chain(() -> search.mode("PidMode", asked.pidMode(), false))
                    .chain(() -> search.mode("IpcMode", asked.ipcMode(), false))
                    .chain(search::volumes)
                    .chain(search::links)
                    .map(done -> new Found(search.host, search.inherited, search.hosts, search.network, search.links));
        });
    }

    private final class Search {
        private final Mutiny.Session session;
        private final List<PlannedMount> inherited = new ArrayList<>();
        private final Set<String> hosts = new HashSet<>();
        private final Map<String, String> links = new LinkedHashMap<>();
        private HostConfig host;
        private ContainerConfig network;

        Search(Mutiny.Session session, HostConfig host) {
            this.session = session;
            this.host = host;
        }

        Uni<Void> mode(String field, String mode, boolean mayBeMissing) {
            if (!mode.startsWith(CONTAINER)) {
                return Uni.createFrom().voidItem();
            }
            Uni<ContainerEntity> companion = named(mode.substring(CONTAINER.length()));
            if (mayBeMissing) {
                companion = companion.onFailure(EngineError.class).recoverWithNull();
            }
            return companion
                    .invoke(found -> {
                        if (found != null) {
                            host = HostDefaults.with(host, field, CONTAINER + found.id);
                            network = mayBeMissing ? found.config() : network;
                        }
                    })
                    .replaceWithVoid();
        }

        Uni<Void> volumes() {
            Uni<Void> all = Uni.createFrom().voidItem();
            for (String entry : host.volumesFrom() == null ? List.<String>of() : host.volumesFrom()) {
                all = all.chain(inherit(entry));
            }
            return all;
        }

        Uni<Void> links() {
            Uni<Void> all = Uni.createFrom().voidItem();
            if (!HostDefaults.hasLinks(host)) {
                return all;
            }
            // dockerd makes nothing of a link without a name.
            List<Link> named = host.links().stream()
                    .map(Link::parse)
                    .filter(link -> !link.alias().isEmpty())
                    .toList();
            for (Link link : named) {
                all = all.chain(() -> linked(link.name()))
                        .invoke(found -> links.putIfAbsent(link.alias(), found.id))
                        .replaceWithVoid();
            }
            return all.invoke(() -> host = HostDefaults.withLinks(
                    host,
                    links.entrySet().stream()
                            .map(link -> link.getValue() + ":" + link.getKey())
                            .toList()));
        }

        /** The one whose network it is. */
        private Uni<ContainerEntity> linked(String name) {
            return lookup.find(session, name)
                    .onFailure(EngineError.NotFound.class)
                    .transform(missing -> new EngineError.BadParameter(
                            "could not get container for " + name + ": " + missing.getMessage()))
                    .invoke(found -> hosts.add(found.hostId))
                    .chain(found -> {
                        if (found.networkMode.equals("host")) {
                            throw new EngineError.BadParameter("conflicting options: host type networking can't be used"
                                    + " with links. This would result in undefined behavior");
                        }
                        return found.networkMode.startsWith(CONTAINER)
                                ? linked(found.networkMode.substring(CONTAINER.length()))
                                : Uni.createFrom().item(found);
                    });
        }

        private Supplier<Uni<? extends Void>> inherit(String entry) {
            String[] parts = entry.split(":", 2);
            String mode = parts.length == 2 ? parts[1] : "";
            boolean readOnly = BindParser.isReadOnlyImport(mode);
            return () -> named(parts[0])
                    .invoke(found -> found.mounts().stream()
                            // What is no more than HostConfig.Tmpfs is not imported.
                            .filter(PlannedMount::isInspected)
                            .map(mount -> mount.inherited(readOnly || mount.readOnly()))
                            .forEach(inherited::add))
                    .replaceWithVoid();
        }

        private Uni<ContainerEntity> named(String reference) {
            return lookup.find(session, reference)
                    .onFailure(EngineError.NotFound.class)
                    .transform(missing -> new EngineError.BadParameter(missing.getMessage()))
                    .invoke(found -> hosts.add(found.hostId));
        }
    }
}
