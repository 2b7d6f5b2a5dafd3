package dev.gantry.network.port;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.PortBinding;
import dev.gantry.network.host.HostEntity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hibernate.reactive.mutiny.Mutiny;

/** The published ports of each host. Callers hold the lock of the host's row. */
@ApplicationScoped
public class HostPorts {
    private static final Comparator<PublishedPort> ORDER = Comparator.comparingInt(PublishedPort::containerPort)
            .thenComparing(PublishedPort::protocol)
            .thenComparingInt(PublishedPort::hostPort)
            .thenComparing(PublishedPort::hostIp);

    /**
     * Gives a container the ports it wants; those it has already are given again as they are.
     *
     * @param foreign ports that something else on the host has
     * @return fails with {@link PortUnavailable}
     */
    public Uni<List<PublishedPort>> give(
            Mutiny.Session session, HostEntity host, ConnectRequest request, Collection<Integer> foreign) {
        List<WantedPort> wanted = WantedPort.of(request);
        if (wanted.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return session.createSelectionQuery("from PortEntity p where p.hostId = :host", PortEntity.class)
                .setParameter("host", host.id)
                .getResultList()
                .chain(rows -> give(session, host, request, wanted, rows, foreign));
    }

    private static Uni<List<PublishedPort>> give(
            Mutiny.Session session,
            HostEntity host,
            ConnectRequest request,
            List<WantedPort> wanted,
            List<PortEntity> rows,
            Collection<Integer> foreign) {
        List<PublishedPort> own = new ArrayList<>();
        List<PublishedPort> taken = new ArrayList<>();
        for (PortEntity row : rows) {
            (row.containerId.equals(request.containerId()) ? own : taken).add(row.published());
        }
        if (!own.isEmpty()) {
            return Uni.createFrom().item(sorted(own));
        }
        PortAllocator allocator = new PortAllocator(taken, foreign, host.ipv6, host.lastPort);
        List<PublishedPort> given = allocator.allocate(wanted);
        host.lastPort = allocator.cursor();
        Object[] added = given.stream()
                .map(port -> PortEntity.of(host.id, request.containerId(), port))
                .toArray();
        return session.persistAll(added).replaceWith(sorted(given));
    }

    public Uni<Void> takeBack(Mutiny.Session session, String containerId) {
        return session.createMutationQuery("delete from PortEntity p where p.containerId = :container")
                .setParameter("container", containerId)
                .executeUpdate()
                .replaceWithVoid();
    }

    /** For each published port of a container its bindings, as {@code inspect} shows them. */
    public static Map<String, List<PortBinding>> bindings(List<PublishedPort> ports) {
        Map<String, List<PortBinding>> bindings = new TreeMap<>();
        for (PublishedPort port : ports) {
            bindings.computeIfAbsent(port.containerPort() + "/" + port.protocol(), any -> new ArrayList<>())
                    .add(new PortBinding(port.hostIp(), Integer.toString(port.hostPort())));
        }
        return bindings;
    }

    private static List<PublishedPort> sorted(List<PublishedPort> ports) {
        return ports.stream().sorted(ORDER).toList();
    }
}
