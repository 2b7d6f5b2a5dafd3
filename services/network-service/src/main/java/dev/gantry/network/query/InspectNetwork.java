package dev.gantry.network.query;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Network;
import dev.gantry.network.host.PrepareHost;
import dev.gantry.network.state.EndpointEntity;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkOnHost;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
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
    private final EndpointsInUse inUse;

    InspectNetwork(Mutiny.SessionFactory sessions, PrepareHost hosts, FindNetwork find, EndpointsInUse inUse) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.find = find;
        this.inUse = inUse;
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
                        .chain(inUse::among)
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
}
