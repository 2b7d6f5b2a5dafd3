package dev.gantry.network.endpoint;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.Attachment;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.network.address.IpFamily;
import dev.gantry.network.host.PrepareHost;
import dev.gantry.network.port.HostPorts;
import dev.gantry.network.port.OpenPorts;
import dev.gantry.network.port.PortUnavailable;
import dev.gantry.network.query.FindNetwork;
import dev.gantry.network.state.Driver;
import dev.gantry.network.state.EndpointEntity;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkFacts;
import dev.gantry.network.state.NetworkOnHost;
import dev.gantry.network.state.ObjectIds;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Gives a container its endpoints and host ports. One transaction: the networks are locked, in the order of their ids; what
 * an earlier start left is taken back; endpoints that are missing are made, with their facts; the host is locked, if ports
 * are wanted, and they are given. Nothing remains of one that fails; a repeat finds what the first gave, and makes it new, so that the end of an earlier
 * run does not take it back.
 */
@ApplicationScoped
public class ConnectContainer {
    private static final String CONTAINER_MODE = "container:";

    private final Mutiny.SessionFactory sessions;
    private final PrepareHost hosts;
    private final HostPorts ports;
    private final NetworkFacts facts;
    private final ForgottenEndpoints forgotten;
    private final FindNetwork find;
    private final DisconnectContainer disconnect;

    ConnectContainer(
            Mutiny.SessionFactory sessions,
            PrepareHost hosts,
            HostPorts ports,
            NetworkFacts facts,
            ForgottenEndpoints forgotten,
            FindNetwork find,
            DisconnectContainer disconnect) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.ports = ports;
        this.facts = facts;
        this.forgotten = forgotten;
        this.find = find;
        this.disconnect = disconnect;
    }

    /**
     * @param foreign host ports known to be taken by something that is not a container of ours; when there are any, the
     *     container's ports are given anew
     */
    public Uni<Attachment> connect(ConnectRequest request, Collection<Integer> foreign) {
        if (WantedNetworks.mode(request).startsWith(CONTAINER_MODE)) {
            return Uni.createFrom()
                    .item(Attaching.ofContainer(WantedNetworks.mode(request).substring(CONTAINER_MODE.length())));
        }
        return hosts.prepare(request.hostId())
                .chain(() -> allocate(request, foreign)
                        .onFailure(EngineError.NotFound.class)
                        .recoverWithUni(() -> byBeginning(request).chain(found -> allocate(found, foreign))))
                .onFailure(PortUnavailable.class)
                .recoverWithUni(refusal -> forgotten
                        .release()
                        .chain(released -> released
                                ? allocate(request, foreign)
                                : Uni.createFrom().failure(refusal)))
                .onFailure(PortUnavailable.class)
                .transform(refusal -> new EngineError.Failed(refusal.getMessage()));
    }

    /** The same with ids, where a client wrote the beginning of one. */
    private Uni<ConnectRequest> byBeginning(ConnectRequest request) {
        Map<String, EndpointRequest> found = new LinkedHashMap<>();
        Uni<Void> done = Uni.createFrom().voidItem();
        for (Map.Entry<String, EndpointRequest> wanted :
                WantedNetworks.of(request).entrySet()) {
            done = done.chain(() -> find.find(wanted.getKey()))
                    .invoke(network -> found.put(network.id, wanted.getValue()))
                    .replaceWithVoid();
        }
        return done.map(nothing -> request.on(found));
    }

    private Uni<Attachment> allocate(ConnectRequest request, Collection<Integer> foreign) {
        return sessions.withTransaction(session -> lock(session, request)
                .chain(locked -> rows(session, request)
                        .call(rows ->
                                disconnect.takeBack(session, request.containerId(), former(rows, request, locked))))
                .map(rows -> present(rows, request))
                .chain(wanted -> placed(session, request, wanted))
                .chain(wanted -> connect(session, request, wanted))
                .chain(all ->
                        ports(session, request, all, foreign).map(given -> Attaching.attachment(request, all, given))));
    }

    /** The wanted networks, and those that it is on, locked. */
    private static Uni<List<NetworkEntity>> lock(Mutiny.Session session, ConnectRequest request) {
        return session.createSelectionQuery(
                        """
                        from NetworkEntity n where n.name in (:names) or n.id in (:names)
                        or n.id in (select e.networkId from EndpointEntity e where e.containerId = :container)
                        order by n.id
                        """,
                        NetworkEntity.class)
                .setParameter("names", WantedNetworks.of(request).keySet())
                .setParameter("container", request.containerId())
                .setLockMode(LockModeType.PESSIMISTIC_WRITE)
                .getResultList();
    }

    /** The wanted networks, and those that it is on; of each its place on the host and the endpoint there, or null. */
    private static Uni<List<Tuple>> rows(Mutiny.Session session, ConnectRequest request) {
        return session.createQuery(
                        """
                        select n, p, e from NetworkEntity n
                        left join NetworkOnHost p on p.networkId = n.id and p.hostId = :host
                        left join EndpointEntity e on e.networkId = n.id and e.containerId = :container
                        where n.name in (:names) or n.id in (:names) or e.id is not null
                        """,
                        Tuple.class)
                .setParameter("container", request.containerId())
                .setParameter("host", request.hostId())
                .setParameter("names", WantedNetworks.of(request).keySet())
                .getResultList();
    }

    /** What an earlier start left on networks that are locked; the event that tells of its end may still be on its way. */
    private static List<Tuple> former(List<Tuple> rows, ConnectRequest request, List<NetworkEntity> locked) {
        return rows.stream()
                .filter(row -> isFormer(row.get(2, EndpointEntity.class), request)
                        && locked.contains(row.get(0, NetworkEntity.class)))
                .toList();
    }

    private static boolean isFormer(EndpointEntity endpoint, ConnectRequest request) {
        return endpoint != null && request.run() != null && !request.run().equals(endpoint.run);
    }

    /** The wanted networks in their order, each with the endpoint that the container has there. */
    private static List<Attaching> present(List<Tuple> rows, ConnectRequest request) {
        Map<String, Attaching> found = new LinkedHashMap<>();
        WantedNetworks.of(request).forEach((word, asked) -> {
            Tuple row = rows.stream()
                    .filter(one -> WantedNetworks.means(word, one.get(0, NetworkEntity.class)))
                    .findFirst()
                    .orElseThrow(() -> new EngineError.NotFound("network " + word + " not found"));
            EndpointEntity endpoint = row.get(2, EndpointEntity.class);
            Attaching one = new Attaching(
                    row.get(0, NetworkEntity.class),
                    row.get(1, NetworkOnHost.class),
                    asked,
                    isFormer(endpoint, request) ? null : endpoint);
            found.putIfAbsent(one.network().id, one);
        });
        // The network of the mode, which may have another word for it, comes first.
        return found.values().stream()
                .sorted(Comparator.comparing(one -> !WantedNetworks.isMain(request, one.network())))
                .toList();
    }

    /** Where the host has no place in a network yet, it gets one. */
    private static Uni<List<Attaching>> placed(Mutiny.Session session, ConnectRequest request, List<Attaching> wanted) {
        List<NetworkEntity> networks = wanted.stream().map(Attaching::network).toList();
        WantedNetworks.check(networks);
        WantedNetworks.checkMode(request, networks);
        List<Attaching> all = new ArrayList<>();
        List<Object> places = new ArrayList<>();
        for (Attaching one : wanted) {
            boolean lacking = one.place() == null && one.network().hasSubnet();
            NetworkOnHost place = lacking ? NetworkOnHost.of(one.network(), request.hostId()) : one.place();
            all.add(one.at(place));
            if (lacking) {
                places.add(place);
            }
        }
        return places.isEmpty()
                ? Uni.createFrom().item(all)
                : session.persistAll(places.toArray()).replaceWith(all);
    }

    private Uni<List<Attaching>> connect(Mutiny.Session session, ConnectRequest request, List<Attaching> wanted) {
        Interfaces interfaces = Interfaces.of(wanted);
        List<Attaching> all = new ArrayList<>();
        Uni<Void> done = Uni.createFrom().voidItem();
        for (Attaching one : wanted) {
            done = done.chain(() -> endpoint(session, request, one, interfaces))
                    .invoke(endpoint -> all.add(one.with(endpoint)))
                    .replaceWithVoid();
        }
        return done.replaceWith(all);
    }

    private Uni<EndpointEntity> endpoint(
            Mutiny.Session session, ConnectRequest request, Attaching wanted, Interfaces interfaces) {
        if (wanted.endpoint() != null) {
            wanted.endpoint().connectedAt = Instant.now();
            wanted.endpoint().containerName = request.name();
            return Uni.createFrom().item(wanted.endpoint());
        }
        NetworkEntity network = wanted.network();
        EndpointEntity endpoint = newEndpoint(request, network);
        EndpointRequest settings = WantedNetworks.settings(request, network);
        endpoint.aliases = settings.aliases().toArray(String[]::new);
        Uni<Void> addressed = wanted.hasAddress()
                ? address(session, wanted, settings, IpFamily.V4)
                        .invoke(address -> endpoint.address = address)
                        .chain(() -> address(session, wanted, settings, IpFamily.V6))
                        .invoke(address -> {
                            endpoint.address6 = address;
                            endpoint.pool = wanted.place().pool(network);
                            endpoint.interfaceName = interfaces.next((Driver.Addressed) network.driver());
                            endpoint.macAddress = macAddress(network, endpoint, settings);
                            endpoint.linkLocal = EndpointRules.linkLocal(settings);
                        })
                        .replaceWithVoid()
                : Uni.createFrom().voidItem();
        return addressed
                .chain(() -> session.persist(endpoint))
                // The next address is looked for in the table.
                .chain(session::flush)
                .chain(() -> facts.connected(session, network, endpoint.containerId, endpoint.hostId))
                .replaceWith(endpoint);
    }

    private static String macAddress(NetworkEntity network, EndpointEntity endpoint, EndpointRequest settings) {
        if (!settings.macAddress().isEmpty()
                && network.driver() instanceof Driver.Shared shared
                && shared.word().equals("ipvlan")) {
            throw new EngineError.Failed("ipvlan interfaces do not support custom mac address assignment");
        }
        if (!settings.macAddress().isEmpty()) {
            return settings.macAddress();
        }
        return endpoint.address == null ? Addresses.macOf(endpoint.id) : Addresses.macFor(endpoint.address);
    }

    /** The one that was asked for, or the next; null where the network has none of the family. */
    private static Uni<String> address(
            Mutiny.Session session, Attaching wanted, EndpointRequest settings, IpFamily family) {
        if (!wanted.network().has(family)) {
            return Uni.createFrom().nullItem();
        }
        String asked = EndpointRules.addresses(settings).get(family);
        if (asked == null) {
            return Addresses.next(session, wanted.network(), wanted.place(), family);
        }
        EndpointRules.check(wanted.network(), settings);
        String address = family.text(family.address(asked).orElseThrow());
        return Addresses.isFree(session, wanted.network(), wanted.place(), family, address)
                .map(free -> {
                    if (!free) {
                        throw new EngineError.Forbidden("Address already in use");
                    }
                    return address;
                });
    }

    private Uni<List<PublishedPort>> ports(
            Mutiny.Session session, ConnectRequest request, List<Attaching> all, Collection<Integer> foreign) {
        // Nothing on the host leads to a container by another network than a bridge.
        Attaching ipv4 = Attaching.published(all, IpFamily.V4).orElse(null);
        Attaching ipv6 = Attaching.published(all, IpFamily.V6).orElse(null);
        Attaching gateway = ipv4 == null ? ipv6 : ipv4;
        if (gateway == null) {
            return Uni.createFrom().item(List.of());
        }
        Set<IpFamily> routed = EnumSet.noneOf(IpFamily.class);
        Stream.of(IpFamily.values())
                .filter(family -> isRouted(family == IpFamily.V4 ? ipv4 : ipv6, family))
                .forEach(routed::add);
        String ofNetwork = ipv4 == null ? "" : ((Driver.Bridge) ipv4.network().driver()).hostBinding();
        List<PublishedPort> open = OpenPorts.of(request, routed, ofNetwork);
        if (ipv6 == null && routed.contains(IpFamily.V4)) {
            return Uni.createFrom().item(open);
        }
        String binding = ipv4 == null || routed.contains(IpFamily.V4) ? HostPorts.IPV6_ONLY : ofNetwork;
        Uni<Void> before =
                foreign.isEmpty() ? Uni.createFrom().voidItem() : ports.takeBack(session, request.containerId());
        return before.chain(() -> ports.give(session, request, binding, routed, foreign))
                .onFailure(PortUnavailable.class)
                .transform(refusal -> ((PortUnavailable) refusal).about(request.name(), gateway.endpoint().id))
                .map(given -> Stream.concat(given.stream(), open.stream()).toList());
    }

    private static boolean isRouted(Attaching gateway, IpFamily family) {
        return gateway != null && gateway.network().mode(family) == NetworkState.Mode.ROUTED;
    }

    private static EndpointEntity newEndpoint(ConnectRequest request, NetworkEntity network) {
        EndpointEntity endpoint = new EndpointEntity();
        endpoint.id = ObjectIds.next();
        endpoint.networkId = network.id;
        endpoint.hostId = request.hostId();
        endpoint.containerId = request.containerId();
        endpoint.containerName = request.name();
        endpoint.connectedAt = Instant.now();
        endpoint.run = request.run();
        return endpoint;
    }
}
