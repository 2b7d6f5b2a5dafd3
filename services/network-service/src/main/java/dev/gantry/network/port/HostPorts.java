package dev.gantry.network.port;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.PortBinding;
import dev.gantry.network.address.IpFamily;
import dev.gantry.network.state.HostEntity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.hibernate.reactive.mutiny.Mutiny;

/** The published ports of each host. */
@ApplicationScoped
public class HostPorts {
    public static final String IPV6_ONLY = "::";

    private static final Comparator<PublishedPort> ORDER = Comparator.comparingInt(PublishedPort::containerPort)
            .thenComparing(PublishedPort::protocol)
            .thenComparingInt(PublishedPort::hostPort)
            .thenComparing(PublishedPort::hostIp);

    private static final Comparator<PublishedPort> NEIGHBOURS = Comparator.comparing(PublishedPort::protocol)
            .thenComparing(PublishedPort::hostIp)
            .thenComparingInt(PublishedPort::hostPort)
            .thenComparingInt(PublishedPort::containerPort);

    /**
     * Gives a container the ports it wants, under the lock of its host's row; those it has already are given again as they
     * are.
     *
     * @param binding the address for ports that name none; empty for every address, {@link #IPV6_ONLY} where the container
     *     has no IPv4
     * @param routed families in which the container is reached by its own address, and takes no port of the host
     * @param foreign ports that something else on the host has
     * @return in runs; fails with {@link PortUnavailable}
     */
    public Uni<List<PublishedPort>> give(
            Mutiny.Session session,
            ConnectRequest request,
            String binding,
            Set<IpFamily> routed,
            Collection<Integer> foreign) {
        // On every address is on those of the other family then.
        String address = binding.isEmpty() && routed.contains(IpFamily.V6) ? "0.0.0.0" : binding;
        List<WantedPort> wanted = WantedPort.of(request).stream()
                .map(port -> port.on(address))
                .filter(port -> port.hostIp().isEmpty() || !routed.contains(IpFamily.of(port.hostIp())))
                .toList();
        return wanted.isEmpty()
                ? Uni.createFrom().item(List.of())
                : session.find(HostEntity.class, request.hostId(), LockModeType.PESSIMISTIC_WRITE)
                        .chain(host -> session.createSelectionQuery(
                                        "from PortEntity p where p.hostId = :host", PortEntity.class)
                                .setParameter("host", host.id)
                                .getResultList()
                                .chain(rows -> give(session, host, request, binding, wanted, rows, foreign)));
    }

    private static Uni<List<PublishedPort>> give(
            Mutiny.Session session,
            HostEntity host,
            ConnectRequest request,
            String binding,
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
        wanted.stream()
                .filter(port -> binding.equals(IPV6_ONLY) && IpFamily.of(port.hostIp()) == IpFamily.V4)
                .findFirst()
                .ifPresent(port -> {
                    throw new EngineError.BadParameter("cannot publish port %d on %s: the container has no IPv4"
                            .formatted(port.containerPort(), port.hostIp()));
                });
        PortAllocator allocator = new PortAllocator(taken, foreign, host.ipv6, host.lastPort);
        List<PublishedPort> given = runs(allocator.allocate(wanted));
        host.lastPort = allocator.cursor();
        Object[] added = given.stream()
                .map(port -> PortEntity.of(host.id, request.containerId(), port))
                .toArray();
        return session.persistAll(added).replaceWith(sorted(given));
    }

    /** Neighbours that lead to neighbours become one. */
    static List<PublishedPort> runs(List<PublishedPort> single) {
        List<PublishedPort> runs = new ArrayList<>();
        single.stream().sorted(NEIGHBOURS).forEach(port -> {
            PublishedPort last = runs.isEmpty() ? null : runs.getLast();
            if (last != null && last.isFollowedBy(port)) {
                runs.set(runs.size() - 1, last.withCount(last.count() + port.count()));
            } else {
                runs.add(port);
            }
        });
        return runs;
    }

    public Uni<Void> takeBack(Mutiny.Session session, String containerId) {
        return session.createMutationQuery("delete from PortEntity p where p.containerId = :container")
                .setParameter("container", containerId)
                .executeUpdate()
                .replaceWithVoid();
    }

    /** The ports that the container exposes, as {@code 80/tcp}, each once. */
    public static List<String> exposed(ConnectRequest request) {
        List<String> ports = new ArrayList<>();
        WantedPort.exposed(request.exposedPorts())
                .forEach((protocol, numbers) -> numbers.stream().forEach(number -> ports.add(number + "/" + protocol)));
        return ports;
    }

    /** For each published port of a container its bindings, as {@code inspect} shows them. */
    public static Map<String, List<PortBinding>> bindings(List<PublishedPort> ports) {
        Map<String, List<PortBinding>> bindings = new TreeMap<>();
        for (PublishedPort run : ports) {
            run.each().forEach(port -> bindings.computeIfAbsent(
                            port.containerPort() + "/" + port.protocol(), any -> new ArrayList<>())
                    .add(new PortBinding(port.hostIp(), port.isOpenOnly() ? "" : Integer.toString(port.hostPort()))));
        }
        return bindings;
    }

    private static List<PublishedPort> sorted(List<PublishedPort> ports) {
        return ports.stream().sorted(ORDER).toList();
    }
}
