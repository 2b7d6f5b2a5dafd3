package dev.gantry.network.host;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.host.Hosts;
import dev.gantry.network.address.IpFamily;
import dev.gantry.network.address.IpRange;
import dev.gantry.network.address.SubnetPools;
import dev.gantry.network.address.TakenSubnets;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Gives a host its row and its place in the network {@code bridge}, in one transaction. The subnet there is the one that is
 * set ({@code gantry.network.bip}, then the same on each host), or one that the host does not use. Of two that try at once
 * the second finds it done.
 */
@ApplicationScoped
public class PrepareHost {
    private static final Logger LOG = Logger.getLogger(PrepareHost.class);

    private static final String ROW =
            "insert into network.hosts (id, ipv6) values (:host, :ipv6) on conflict do nothing";
    private static final String PLACE =
            """
            insert into network.networks_on_hosts (network_id, host_id, bridge, subnet, gateway, version)
            select id, :host, :bridge, :subnet, :gateway, 1 from network.networks where name = 'bridge' and predefined
            """;

    private final Mutiny.SessionFactory sessions;
    private final Hosts hosts;
    private final SubnetPools pools;
    private final String bridge;
    private final Optional<BridgeAddress> address;
    private final Set<String> prepared = ConcurrentHashMap.newKeySet();

    PrepareHost(
            Mutiny.SessionFactory sessions,
            Hosts hosts,
            SubnetPools pools,
            @ConfigProperty(name = "gantry.network.bridge") String bridge,
            @ConfigProperty(name = "gantry.network.bip") Optional<String> address) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.pools = pools;
        this.bridge = bridge;
        this.address = address.map(BridgeAddress::of);
    }

    /** Fails with {@code NotFound} for a host that is not registered. */
    public Uni<Void> prepare(String hostId) {
        return prepared.contains(hostId)
                ? Uni.createFrom().voidItem()
                : hosts.get(hostId).chain(host -> prepare(host.description()));
    }

    /** For those who only look: asks for the hosts as long as none is known, since the first brings the first subnet. */
    public Uni<Void> prepareFirst() {
        return prepared.isEmpty() ? prepareAll() : Uni.createFrom().voidItem();
    }

    /** Prepares every registered host. With the registry away the hosts that were prepared before are there all the same. */
    public Uni<Void> prepareAll() {
        return hosts.list()
                .chain(all -> {
                    Uni<Void> done = Uni.createFrom().voidItem();
                    for (Hosts.Host host : all) {
                        if (!prepared.contains(host.id())) {
                            done = done.chain(() -> prepare(host.description()));
                        }
                    }
                    return done;
                })
                .onFailure(EngineError.Unavailable.class)
                .recoverWithItem(e -> {
                    LOG.warnf("hosts are not known now: %s", e.getMessage());
                    return null;
                });
    }

    private Uni<Void> prepare(HostDescription host) {
        boolean ipv6 = host.addresses().stream().anyMatch(cidr -> cidr.indexOf(':') >= 0);
        return sessions.withTransaction(session -> session.createNativeQuery(ROW)
                        .setParameter("host", host.id())
                        .setParameter("ipv6", ipv6)
                        .executeUpdate()
                        .chain(inserted -> inserted == 0
                                ? Uni.createFrom().voidItem()
                                : TakenSubnets.lock(session)
                                        .chain(() -> TakenSubnets.all(session))
                                        .chain(taken -> place(session, host, taken))))
                .invoke(() -> prepared.add(host.id()));
    }

    private Uni<Void> place(Mutiny.Session session, HostDescription host, List<String> taken) {
        List<String> inUse = new ArrayList<>(taken);
        inUse.addAll(host.addresses());
        BridgeAddress own = address.orElseGet(() -> BridgeAddress.firstOf(pools.free(IpFamily.V4, inUse)));
        return session.createNativeQuery(PLACE)
                .setParameter("host", host.id())
                .setParameter("bridge", bridge)
                .setParameter("subnet", own.subnet().toString())
                .setParameter("gateway", own.gateway())
                .executeUpdate()
                .replaceWithVoid();
    }

    private record BridgeAddress(IpRange subnet, String gateway) {
        static BridgeAddress of(String cidr) {
            return new BridgeAddress(IpRange.of(cidr), cidr.substring(0, cidr.indexOf('/')));
        }

        static BridgeAddress firstOf(IpRange subnet) {
            return new BridgeAddress(subnet, IpFamily.V4.text(subnet.first().orElseThrow()));
        }
    }
}
