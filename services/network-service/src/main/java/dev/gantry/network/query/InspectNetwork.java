package dev.gantry.network.query;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.network.Network;
import dev.gantry.network.host.PrepareHost;
import dev.gantry.network.state.EndpointEntity;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkOnHost;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code docker network inspect}: the network with its places and endpoints, all from our own tables, and then one question
 * to container-service: which of those containers still use theirs.
 */
@ApplicationScoped
public class InspectNetwork {
    private final Mutiny.SessionFactory sessions;
    private final PrepareHost hosts;
    private final FindNetwork find;
    private final Containers containers;

    InspectNetwork(Mutiny.SessionFactory sessions, PrepareHost hosts, FindNetwork find, Containers containers) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.find = find;
        this.containers = containers;
    }

    /** @param scope only a network of this scope will do; null or empty for any */
    public Uni<Network> inspect(String term, String scope) {
        return hosts.prepareFirst()
                .chain(() -> find.find(term))
                .invoke(network -> {
                    if (scope != null && !scope.isEmpty() && !scope.equals(network.scope)) {
                        throw new EngineError.NotFound("network " + term + " not found");
                    }
                })
                .chain(network -> places(network).chain(places -> endpoints(network)
                        .chain(this::inUse)
                        .map(endpoints -> new NetworkView(network, places).with(endpoints))));
    }

    private Uni<List<NetworkOnHost>> places(NetworkEntity network) {
        return sessions.withSession(session -> session.createSelectionQuery(
                        "from NetworkOnHost p where p.networkId = :network order by p.hostId", NetworkOnHost.class)
                .setParameter("network", network.id)
                .getResultList());
    }

    private Uni<List<EndpointEntity>> endpoints(NetworkEntity network) {
        return sessions.withSession(session -> session.createSelectionQuery(
                        "from EndpointEntity e where e.networkId = :network order by e.connectedAt",
                        EndpointEntity.class)
                .setParameter("network", network.id)
                .getResultList());
    }

    /**
     * Endpoints are freed by an event after their container has ended; a client that ended it must not see them until
     * then. With container-service away all are shown.
     */
    private Uni<List<EndpointEntity>> inUse(List<EndpointEntity> endpoints) {
        if (endpoints.isEmpty()) {
            return Uni.createFrom().item(endpoints);
        }
        return containers
                .standing(endpoints.stream()
                        .map(endpoint -> endpoint.containerId)
                        .distinct()
                        .toList())
                .map(found -> {
                    Set<String> active = found.stream()
                            .filter(Containers.Standing::active)
                            .map(Containers.Standing::id)
                            .collect(Collectors.toSet());
                    return endpoints.stream()
                            .filter(endpoint -> active.contains(endpoint.containerId))
                            .toList();
                })
                .onFailure(EngineError.Unavailable.class)
                .recoverWithItem(endpoints);
    }
}
