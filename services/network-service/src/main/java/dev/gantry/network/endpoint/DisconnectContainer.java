package dev.gantry.network.endpoint;

import dev.gantry.network.port.HostPorts;
import dev.gantry.network.state.EndpointEntity;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkFacts;
import dev.gantry.service.row.Rows;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.hibernate.reactive.mutiny.Mutiny;

/** Takes back what {@link ConnectContainer} gave, in one transaction under the same locks of networks. */
@ApplicationScoped
public class DisconnectContainer {
    private final Mutiny.SessionFactory sessions;
    private final HostPorts ports;
    private final NetworkFacts facts;

    DisconnectContainer(Mutiny.SessionFactory sessions, HostPorts ports, NetworkFacts facts) {
        this.sessions = sessions;
        this.ports = ports;
        this.facts = facts;
    }

    public Uni<Void> disconnect(String containerId) {
        return disconnect(containerId, Instant.MAX);
    }

    /**
     * @param ended endpoints connected later than this are kept: they belong to a newer run of the container
     */
    public Uni<Void> disconnect(String containerId, Instant ended) {
        return takeBack(containerId, endpoint -> !endpoint.connectedAt.isAfter(ended));
    }

    /** As {@link dev.gantry.engine.network.Networks#keep}. */
    public Uni<Void> keep(String containerId, List<String> networkIds) {
        return takeBack(containerId, endpoint -> !networkIds.contains(endpoint.networkId));
    }

    /** As {@link dev.gantry.engine.network.Networks#left}. */
    public Uni<Void> left(String containerId, String hostId, String networkId) {
        return sessions.withTransaction(session -> session.find(NetworkEntity.class, networkId)
                .chain(network -> network == null
                        ? Uni.createFrom().voidItem()
                        : facts.disconnected(session, network, containerId, hostId)));
    }

    private Uni<Void> takeBack(String containerId, Predicate<EndpointEntity> over) {
        return sessions.withTransaction(session -> session.createSelectionQuery(
                        """
                        from NetworkEntity n
                        where n.id in (select e.networkId from EndpointEntity e where e.containerId = :container)
                        order by n.id
                        """,
                        NetworkEntity.class)
                .setParameter("container", containerId)
                .setLockMode(LockModeType.PESSIMISTIC_WRITE)
                .getResultList()
                .chain(locked ->
                        locked.isEmpty() ? Uni.createFrom().voidItem() : takeBack(session, containerId, over)));
    }

    /**
     * Takes endpoints back, and the container's ports; the networks are locked.
     *
     * @param rows each with a network first and the endpoint third
     */
    Uni<Void> takeBack(Mutiny.Session session, String containerId, List<Tuple> rows) {
        Uni<Void> done = Uni.createFrom().voidItem();
        for (Tuple row : rows) {
            done = done.chain(
                    () -> takeBack(session, row.get(0, NetworkEntity.class), row.get(2, EndpointEntity.class)));
        }
        // The next address is looked for in the table.
        return rows.isEmpty()
                ? done
                : done.chain(() -> ports.takeBack(session, containerId)).chain(session::flush);
    }

    private Uni<Void> takeBack(Mutiny.Session session, NetworkEntity network, EndpointEntity endpoint) {
        return Rows.delete(session, endpoint)
                .chain(() -> facts.disconnected(session, network, endpoint.containerId, endpoint.hostId));
    }

    private Uni<Void> takeBack(Mutiny.Session session, String containerId, Predicate<EndpointEntity> over) {
        return session.createQuery(
                        """
                        select n, e from EndpointEntity e join NetworkEntity n on n.id = e.networkId
                        where e.containerId = :container order by e.interfaceName
                        """,
                        Tuple.class)
                .setParameter("container", containerId)
                .getResultList()
                .chain(rows -> {
                    Uni<Void> done = Uni.createFrom().voidItem();
                    boolean leadsOut = false;
                    boolean any = false;
                    for (Tuple row : rows) {
                        NetworkEntity network = row.get(0, NetworkEntity.class);
                        EndpointEntity endpoint = row.get(1, EndpointEntity.class);
                        if (over.test(endpoint)) {
                            any = true;
                            done = done.chain(() -> takeBack(session, network, endpoint));
                        } else {
                            leadsOut |= endpoint.interfaceName != null && network.leadsOut();
                        }
                    }
                    return any && !leadsOut ? done.chain(() -> ports.takeBack(session, containerId)) : done;
                });
    }
}
