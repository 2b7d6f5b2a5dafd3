package dev.gantry.network.query;

import dev.gantry.engine.network.Network;
import dev.gantry.network.host.PrepareHost;
import dev.gantry.network.state.EndpointEntity;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkOnHost;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/** {@code docker network ls}, from our own tables alone unless it is filtered by use. */
@ApplicationScoped
public class ListNetworks {
    private final Mutiny.SessionFactory sessions;
    private final PrepareHost hosts;
    private final EndpointsInUse inUse;

    ListNetworks(Mutiny.SessionFactory sessions, PrepareHost hosts, EndpointsInUse inUse) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.inUse = inUse;
    }

    /**
     * Oldest first.
     *
     * @param detailed whether their endpoints are shown
     */
    public Uni<List<Network>> list(NetworkFilter filter, boolean detailed) {
        return hosts.prepareFirst()
                .chain(() -> sessions.withSession(session -> networks(session).chain(networks -> places(session)
                        .chain(places -> endpoints(session, filter.asksForUse() || detailed)
                                .map(found -> new Rows(networks, places, found))))))
                .chain(rows -> inUse.among(rows.endpoints()).map(used -> shown(rows, used, filter, detailed)));
    }

    /** @param endpoints none if nothing asks for them */
    private record Rows(
            List<NetworkEntity> networks, Map<String, List<NetworkOnHost>> places, List<EndpointEntity> endpoints) {}

    private static List<Network> shown(Rows rows, List<EndpointEntity> inUse, NetworkFilter filter, boolean detailed) {
        Map<String, List<EndpointEntity>> used =
                inUse.stream().collect(Collectors.groupingBy(endpoint -> endpoint.networkId));
        return rows.networks().stream()
                .filter(network -> filter.admits(network, used.keySet()))
                .map(network -> new NetworkView(network, rows.places().getOrDefault(network.id, List.of()))
                        .with(detailed ? used.getOrDefault(network.id, List.of()) : List.of()))
                .toList();
    }

    private static Uni<List<NetworkEntity>> networks(Mutiny.Session session) {
        return session.createSelectionQuery("from NetworkEntity n order by n.createdAt, n.name", NetworkEntity.class)
                .getResultList();
    }

    private static Uni<Map<String, List<NetworkOnHost>>> places(Mutiny.Session session) {
        return session.createSelectionQuery("from NetworkOnHost p order by p.hostId", NetworkOnHost.class)
                .getResultList()
                .map(places -> places.stream().collect(Collectors.groupingBy(place -> place.networkId)));
    }

    private static Uni<List<EndpointEntity>> endpoints(Mutiny.Session session, boolean wanted) {
        return wanted
                ? session.createSelectionQuery("from EndpointEntity e", EndpointEntity.class)
                        .getResultList()
                : Uni.createFrom().item(List.of());
    }
}
