package dev.gantry.network.create;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Network.Created;
import dev.gantry.engine.network.Network.Ipam;
import dev.gantry.engine.network.Network.IpamConfig;
import dev.gantry.network.address.IpFamily;
import dev.gantry.network.address.IpRange;
import dev.gantry.network.address.SubnetPools;
import dev.gantry.network.address.TakenSubnets;
import dev.gantry.network.host.HostAddresses;
import dev.gantry.network.host.PrepareHost;
import dev.gantry.network.state.Driver;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkFacts;
import dev.gantry.network.state.ObjectIds;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code POST /networks/create}. The network is a row and a fact, made in one transaction under a lock of all who make
 * networks: names, interfaces and subnets are given once. Hosts are told of it when a container there needs it.
 */
@ApplicationScoped
public class CreateNetwork {
    /** Names of modes that are no networks, and of those that every cluster has. */
    private static final Set<String> PREDEFINED = Set.of("bridge", "host", "none", "default");

    /** Bytes of UTF-8; what the index on names takes. */
    private static final int LONGEST_NAME = 1024;

    /** 40 bits: RFC 4193, 3.1. */
    private static final int GLOBAL_ID_DIGITS = 10;

    private static final String STANDARD_IPAM = "default";

    private final Mutiny.SessionFactory sessions;
    private final HostAddresses hosts;
    private final PrepareHost prepare;
    private final SubnetPools pools;
    private final NetworkFacts facts;
    private final String bridge;

    CreateNetwork(
            Mutiny.SessionFactory sessions,
            HostAddresses hosts,
            PrepareHost prepare,
            SubnetPools pools,
            NetworkFacts facts,
            @ConfigProperty(name = "gantry.network.bridge") String bridge) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.prepare = prepare;
        this.pools = pools;
        this.facts = facts;
        this.bridge = bridge;
    }

    public Uni<Created> create(NetworkRequest request) {
        check(request);
        // The network that every host has comes first, also to its subnet.
        return prepare.prepareFirst()
                .chain(hosts::inUse)
                .chain(addresses -> sessions.withTransaction(session -> TakenSubnets.lock(session)
                        .chain(() -> requireFreeName(session, request.name()))
                        .chain(() -> source(session, request))
                        .chain(source -> make(session, request, source, addresses))
                        .chain(network -> session.persist(network).chain(() -> facts.created(session, network)))))
                .map(network -> new Created(network.id, ""));
    }

    private static void check(NetworkRequest request) {
        if (PREDEFINED.contains(request.name())) {
            throw new EngineError.Forbidden("operation is not permitted on predefined " + request.name() + " network ");
        }
        if (request.name().isBlank()) {
            throw new EngineError.BadParameter("invalid name: " + request.name());
        }
        if (request.name().getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            throw new EngineError.BadParameter("invalid name: longer than " + LONGEST_NAME + " bytes");
        }
        if (request.ingress()) {
            throw new EngineError.Forbidden("Ingress network can only be global scope network");
        }
        if (request.scope().equals("swarm")) {
            throw new EngineError.Forbidden("cannot create a swarm scoped network when swarm is not active");
        }
        boolean operator =
                request.internal() || request.attachable() || !request.scope().isEmpty();
        if (request.configOnly() && operator) {
            throw new EngineError.Forbidden("configuration network can only contain network specific fields. Network"
                    + " operator fields like [ ingress | internal | attachable | scope ] are not supported.");
        }
        if (!request.configFrom().network().isEmpty()) {
            checkFrom(request);
        }
    }

    private static void checkFrom(NetworkRequest request) {
        if (request.configOnly()) {
            throw new EngineError.Forbidden("a configuration network cannot depend on another configuration network");
        }
        if (hasOwnSettings(request)) {
            throw new EngineError.Forbidden(
                    "user specified configurations are not supported if the network depends on a configuration network");
        }
        if (!request.options().isEmpty()) {
            throw new EngineError.Forbidden(
                    "network driver options are not supported if the network depends on a configuration network");
        }
    }

    private static boolean hasOwnSettings(NetworkRequest request) {
        Ipam ipam = request.ipam();
        boolean ownOptions = ipam.options() != null && !ipam.options().isEmpty();
        return !isStandard(ipam)
                || ownOptions
                || !ipam.config().isEmpty()
                || request.enableIpv4() != null
                || request.enableIpv6()
                || !request.labels().isEmpty();
    }

    private static Uni<Void> requireFreeName(Mutiny.Session session, String name) {
        return session.createSelectionQuery("select count(*) from NetworkEntity n where n.name = :name", Long.class)
                .setParameter("name", name)
                .getSingleResult()
                .invoke(count -> {
                    if (count > 0) {
                        throw new EngineError.Conflict("network with name " + name + " already exists");
                    }
                })
                .replaceWithVoid();
    }

    /** The configuration network that the new one follows, locked against removal; null when it follows none. */
    private static Uni<NetworkEntity> source(Mutiny.Session session, NetworkRequest request) {
        String name = request.configFrom().network();
        return name.isEmpty()
                ? Uni.createFrom().nullItem()
                : session.createSelectionQuery(
                                "from NetworkEntity n where (n.name = :name or n.id = :name) and n.configOnly",
                                NetworkEntity.class)
                        .setParameter("name", name)
                        .setLockMode(LockModeType.PESSIMISTIC_WRITE)
                        .getSingleResultOrNull()
                        .onItem()
                        .ifNull()
                        .failWith(() ->
                                new EngineError.NotFound("configuration network \"" + name + "\" does not exist"));
    }

    private Uni<NetworkEntity> make(
            Mutiny.Session session, NetworkRequest request, NetworkEntity source, List<String> addresses) {
        NetworkEntity network = new NetworkEntity();
        network.id = ObjectIds.next();
        network.name = request.name();
        network.scope = request.scope().isEmpty() ? NetworkEntity.LOCAL : request.scope();
        network.internal = request.internal();
        network.attachable = request.attachable();
        network.configOnly = request.configOnly();
        network.configFrom = source == null ? null : source.name;
        network.labels.putAll(request.labels());
        network.options.putAll(request.options());
        network.createdAt = Instant.now();
        if (source != null) {
            source.labels.forEach(network.labels::putIfAbsent);
            network.options.putAll(source.options);
        }
        Ipam ipam = source == null ? request.ipam() : source.ipam;
        network.enableIpv4 = source == null ? !Boolean.FALSE.equals(request.enableIpv4()) : source.enableIpv4;
        network.enableIpv6 = source == null ? request.enableIpv6() : source.enableIpv6;
        if (request.configOnly()) {
            // Of which driver it will be is not known; what that does not have is refused then.
            Pool.given(ipam, families(network), "");
            network.driver = "null";
            network.ipam = withDriver(ipam, byFamily(ipam.config()));
            return Uni.createFrom().item(network);
        }
        network.driver = request.driverOrStandard();
        Driver driver = network.driver();
        if (!(driver instanceof Driver.Addressed addressed)) {
            throw new EngineError.Forbidden("only one instance of \"" + driver.word() + "\" network is allowed");
        }
        requireIpamDriver(ipam);
        if (!network.enableIpv4 && !network.enableIpv6) {
            throw new EngineError.BadParameter("IPv4 or IPv6 must be enabled");
        }
        if (network.enableIpv6) {
            addressed.checkIpv6();
        }
        Uni<Void> link =
                switch (driver) {
                    case Driver.Bridge options -> {
                        options.check(network.internal);
                        yield bridge(session, network, options);
                    }
                    case Driver.Shared options -> parent(session, options);
                    default -> throw new IllegalStateException("no addresses on " + driver.word());
                };
        return link.chain(() -> pool(session, network, ipam, addresses));
    }

    private Uni<Void> bridge(Mutiny.Session session, NetworkEntity network, Driver.Bridge options) {
        network.bridge = options.name().isEmpty() ? "br-" + network.id.substring(0, 12) : options.name();
        return session.createSelectionQuery(
                        "from NetworkEntity n where n.bridge = :bridge or n.name = 'bridge'", NetworkEntity.class)
                .setParameter("bridge", network.bridge)
                .getResultList()
                .invoke(others -> others.stream()
                        .filter(other -> network.bridge.equals(other.predefined ? bridge : other.bridge))
                        .findFirst()
                        .ifPresent(other -> {
                            throw new EngineError.Forbidden(
                                    "cannot create network %s (%s): conflicts with network %s (%s): networks have same bridge name"
                                            .formatted(network.id, network.bridge, other.id, network.bridge));
                        }))
                .replaceWithVoid();
    }

    /** As dockerd: a parent has one network of its kind. */
    private static Uni<Void> parent(Mutiny.Session session, Driver.Shared options) {
        if (options.parent().isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return session.createSelectionQuery("from NetworkEntity n where n.driver = :driver", NetworkEntity.class)
                .setParameter("driver", options.word())
                .getResultList()
                .invoke(others -> others.stream()
                        .filter(other -> other.driver() instanceof Driver.Shared shared
                                && shared.parent().equals(options.parent()))
                        .findFirst()
                        .ifPresent(other -> {
                            throw new EngineError.Failed("network %s is already using parent interface %s"
                                    .formatted(options.dummyName(other.id), options.parent()));
                        }))
                .replaceWithVoid();
    }

    private Uni<NetworkEntity> pool(Mutiny.Session session, NetworkEntity network, Ipam ipam, List<String> addresses) {
        Map<IpFamily, List<Pool>> given = Pool.given(ipam, families(network), network.driver);
        return TakenSubnets.all(session).chain(taken -> {
            List<IpRange> others = taken.stream().map(IpRange::of).toList();
            if (given.values().stream().flatMap(List::stream).anyMatch(pool -> others.stream()
                    .anyMatch(pool.subnet()::overlaps))) {
                throw Pool.overlaps();
            }
            boolean choosesIpv6 = network.enableIpv6 && !given.containsKey(IpFamily.V6);
            Uni<String> cluster =
                    choosesIpv6 ? clusterId(session) : Uni.createFrom().nullItem();
            return cluster.map(id -> {
                network.ipam = withDriver(ipam, configured(network, ipam, given, inUse(taken, addresses), id));
                if (network.internal && network.otherRouter(IpFamily.V4).isPresent()) {
                    throw new EngineError.BadParameter("no gateway can be set on an internal bridge network");
                }
                return network;
            });
        });
    }

    /**
     * Gives the network its pools, and returns their settings: those of the client, and what was chosen.
     *
     * @param clusterId null where no IPv6 subnet is chosen
     */
    private List<IpamConfig> configured(
            NetworkEntity network, Ipam ipam, Map<IpFamily, List<Pool>> given, List<String> inUse, String clusterId) {
        List<IpamConfig> configs = new ArrayList<>(byFamily(ipam.config()));
        List<String> reserved = new ArrayList<>();
        for (IpFamily family : families(network)) {
            List<Pool> all = given.getOrDefault(family, List.of());
            boolean chosen = all.isEmpty();
            Pool pool = chosen
                    ? Pool.chosen(family == IpFamily.V4 ? pools.free(family, inUse) : pools.freeIpv6(clusterId, inUse))
                    : all.getFirst();
            if (chosen) {
                configs.add(new IpamConfig(pool.subnet().toString(), pool.gateway()));
            }
            String range = pool.range() == null ? null : pool.range().toString();
            if (family == IpFamily.V4) {
                network.subnet = pool.subnet().toString();
                network.gateway = pool.gateway();
                network.poolGiven = !chosen;
                network.ipRange = range;
            } else {
                network.subnet6 = pool.subnet().toString();
                network.gateway6 = pool.gateway();
                network.pool6Given = !chosen;
                network.ipRange6 = range;
            }
            reserved.addAll(pool.reserved());
            List<Pool> others = all.stream().skip(1).toList();
            network.addFurther(others.stream().map(Pool::addresses).toList());
            others.forEach(other -> reserved.addAll(other.reserved()));
        }
        network.reserved = reserved.toArray(String[]::new);
        return configs;
    }

    /** As dockerd shows what a client gave: IPv4 first, each family in the order of the request. */
    private static List<IpamConfig> byFamily(List<IpamConfig> given) {
        return given.stream()
                .sorted(Comparator.comparing(pool -> pool.subnet().contains(":")))
                .toList();
    }

    private static Set<IpFamily> families(NetworkEntity network) {
        return Stream.of(IpFamily.values()).filter(network::has).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Digits that this cluster alone has: of the network's id which it was born with. */
    private static Uni<String> clusterId(Mutiny.Session session) {
        return session.createSelectionQuery(
                        "select n.id from NetworkEntity n where n.name = 'bridge' and n.predefined", String.class)
                .getSingleResult()
                .map(id -> id.substring(0, GLOBAL_ID_DIGITS));
    }

    private static List<String> inUse(List<String> taken, List<String> addresses) {
        List<String> inUse = new ArrayList<>(taken);
        inUse.addAll(addresses);
        return inUse;
    }

    private static Ipam withDriver(Ipam ipam, List<IpamConfig> config) {
        return new Ipam(isStandard(ipam) ? STANDARD_IPAM : ipam.driver(), ipam.options(), config);
    }

    private static boolean isStandard(Ipam ipam) {
        return ipam.driver() == null || ipam.driver().isEmpty() || ipam.driver().equals(STANDARD_IPAM);
    }

    private static void requireIpamDriver(Ipam ipam) {
        if (isStandard(ipam)) {
            return;
        }
        throw ipam.driver().equals("null")
                ? new EngineError.BadParameter("ipv4 pool is empty")
                : new EngineError.NotFound("plugin \"" + ipam.driver() + "\" not found");
    }
}
