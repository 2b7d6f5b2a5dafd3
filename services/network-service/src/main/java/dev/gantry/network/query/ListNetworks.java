package dev.gantry.network.query;

import dev.gantry.engine.network.Network;
import dev.gantry.network.host.PrepareHost;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkOnHost;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/** {@code docker network ls}, from our own tables alone. */
@ApplicationScoped
public class ListNetworks {
    private final Mutiny.SessionFactory sessions;
    private final PrepareHost hosts;

    ListNetworks(Mutiny.SessionFactory sessions, PrepareHost hosts) {
        this.sessions = sessions;
        this.hosts = hosts;
    }

    /** Oldest first. */
    public Uni<List<Network>> list(NetworkFilter filter) {
        return hosts.prepareFirst()
                .chain(() -> sessions.withSession(session -> networks(session).chain(networks -> places(session)
                        .chain(places -> used(session, filter).map(used -> networks.stream()
                                .filter(network -> filter.admits(network, used))
                                .map(network -> new NetworkView(network, places.getOrDefault(network.id, List.of()))
                                        .with(List.of()))
                                .toList())))));
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

    /** Ids of the networks that a container is attached to, if the filter asks for that. */
    private static Uni<Set<String>> used(Mutiny.Session session, NetworkFilter filter) {
        return filter.asksForUse()
                ? session.createSelectionQuery("select distinct e.networkId from EndpointEntity e", String.class)
                        .getResultList()
                        .map(Set::copyOf)
                : Uni.createFrom().item(Set.of());
    }
}
