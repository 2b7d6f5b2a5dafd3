package dev.gantry.network.endpoint;

import dev.gantry.engine.EngineError;
import dev.gantry.network.address.Ipv4Range;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkOnHost;
import io.smallrye.mutiny.Uni;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/** Gives IPv4 addresses of a network, the lowest free one first. The caller holds the network's lock. */
final class Addresses {
    /** A free address follows the network's own, or one that is taken: no need to walk the whole network. */
    private static final String LOWEST_FREE =
            """
            with n as (select cast(cast(:subnet as text) as inet) as subnet, cast(cast(:gateway as text) as inet) as gateway,
                              cast(cast(:range as text) as inet) as range, cast(cast(:reserved as text) as inet[]) as reserved)
            select host(c.address)
            from n, lateral (
                  select cast(host(network(n.range)) as inet) as address
                  union select cast(host(network(n.range)) as inet) + 1
                  union select n.gateway + 1
                  union select r + 1 from unnest(n.reserved) r
                  union select cast(e.address as inet) + 1 from network.endpoints e
                        where e.pool = :pool and e.address is not null) c
            where c.address <<= n.range
              and host(c.address) <> host(network(n.subnet))
              and host(c.address) <> host(broadcast(n.subnet))
              and c.address <> n.gateway
              and not c.address = any (n.reserved)
              and not exists (select 1 from network.endpoints t
                              where t.pool = :pool and t.address = host(c.address))
            order by c.address
            limit 1
            """;

    private Addresses() {}

    /** Fails with {@code Conflict} when none is left. */
    static Uni<String> next(Mutiny.Session session, NetworkEntity network, NetworkOnHost place) {
        return session.createNativeQuery(LOWEST_FREE, String.class)
                .setParameter("subnet", place.subnet)
                .setParameter("gateway", place.gateway)
                .setParameter("range", network.ipRange == null ? place.subnet : network.ipRange)
                .setParameter("reserved", "{" + String.join(",", network.reserved) + "}")
                .setParameter("pool", place.pool(network))
                .getSingleResultOrNull()
                .onItem()
                .ifNull()
                .failWith(() ->
                        new EngineError.Conflict("no available IPv4 addresses on this network's address pools: %s (%s)"
                                .formatted(network.name, network.id)));
    }

    /** Whether the address may be given to one more. The caller has seen that the network has it. */
    static Uni<Boolean> isFree(Mutiny.Session session, NetworkEntity network, NetworkOnHost place, String address) {
        Ipv4Range subnet = Ipv4Range.of(place.subnet);
        boolean end = subnet.reservesEnds()
                && List.of(Ipv4Range.text(subnet.network()), Ipv4Range.text(subnet.last()))
                        .contains(address);
        if (end || address.equals(place.gateway) || List.of(network.reserved).contains(address)) {
            return Uni.createFrom().item(false);
        }
        return session.createSelectionQuery(
                        "select count(*) from EndpointEntity e where e.pool = :pool and e.address = :address",
                        Long.class)
                .setParameter("pool", place.pool(network))
                .setParameter("address", address)
                .getSingleResult()
                .map(count -> count == 0);
    }

    /** Always the same for an address, so that nobody's ARP table is wrong when the address is given again. */
    static String macFor(String address) {
        StringBuilder mac = new StringBuilder("02:42");
        for (String part : address.split("\\.")) {
            mac.append(":%02x".formatted(Integer.parseInt(part)));
        }
        return mac.toString();
    }
}
