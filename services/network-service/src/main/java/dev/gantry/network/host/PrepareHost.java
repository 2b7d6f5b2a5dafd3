package dev.gantry.network.host;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.host.Hosts;
import dev.gantry.network.NetworkEntity;
import dev.gantry.network.ObjectIds;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Gives a host its row and the networks {@code bridge}, {@code host} and {@code none}, in one transaction. The subnet of
 * the bridge is one that the host does not use. Of two that try at once the second finds it done.
 */
@ApplicationScoped
public class PrepareHost {
    private static final Logger LOG = Logger.getLogger(PrepareHost.class);
    private static final int MTU = 1500;

    private final Mutiny.SessionFactory sessions;
    private final Hosts hosts;
    private final String bridge;
    private final Set<String> prepared = ConcurrentHashMap.newKeySet();

    PrepareHost(
            Mutiny.SessionFactory sessions,
            Hosts hosts,
            @ConfigProperty(name = "gantry.network.bridge") String bridge) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.bridge = bridge;
    }

    /** Fails with {@code NotFound} for a host that is not registered. */
    public Uni<Void> prepare(String hostId) {
        return prepared.contains(hostId)
                ? Uni.createFrom().voidItem()
                : hosts.get(hostId).chain(host -> prepare(host.description()));
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
        return sessions.withTransaction(session -> session.createNativeQuery(
                                "insert into network.hosts (id, ipv6) values (:id, :ipv6) on conflict do nothing")
                        .setParameter("id", host.id())
                        .setParameter("ipv6", ipv6)
                        .executeUpdate()
                        .chain(inserted -> inserted == 0
                                ? Uni.createFrom().voidItem()
                                : session.persistAll((Object[]) networks(host))))
                .invoke(() -> prepared.add(host.id()));
    }

    private NetworkEntity[] networks(HostDescription host) {
        String subnet = FreeSubnet.outside(host.addresses())
                .orElseThrow(() -> new EngineError.Conflict(
                        "could not find an available, non-overlapping IPv4 address pool among the defaults to"
                                + " assign to the network"));
        NetworkEntity first = network(host.id(), "bridge", "bridge");
        first.subnet = subnet;
        first.gateway = FreeSubnet.firstAddress(subnet);
        first.bridge = bridge;
        first.masquerade = true;
        first.icc = true;
        first.options = Map.of(
                "com.docker.network.bridge.default_bridge", "true",
                "com.docker.network.bridge.enable_icc", "true",
                "com.docker.network.bridge.enable_ip_masquerade", "true",
                "com.docker.network.bridge.host_binding_ipv4", "0.0.0.0",
                "com.docker.network.bridge.name", bridge,
                "com.docker.network.driver.mtu", Integer.toString(MTU));
        return new NetworkEntity[] {first, network(host.id(), "host", "host"), network(host.id(), "none", "null")};
    }

    private static NetworkEntity network(String hostId, String name, String driver) {
        NetworkEntity network = new NetworkEntity();
        network.id = ObjectIds.next();
        network.hostId = hostId;
        network.name = name;
        network.driver = driver;
        network.predefined = true;
        network.mtu = MTU;
        network.createdAt = Instant.now();
        return network;
    }
}
