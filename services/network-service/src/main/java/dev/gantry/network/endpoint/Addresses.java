package dev.gantry.network.endpoint;

import dev.gantry.engine.EngineError;
import dev.gantry.network.address.IpFamily;
import dev.gantry.network.address.IpRange;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkOnHost;
import io.smallrye.mutiny.Uni;
import java.math.BigInteger;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;

/** Gives addresses of a network, the lowest free one first. The caller holds the network's lock. */
final class Addresses {
    /** A free address follows the network's own, or one that is taken: no need to walk the whole network. */
    private static final String LOWEST_FREE =
            """
            with n as (select cast(cast(:gateway as text) as inet) as gateway,
                              cast(cast(:range as text) as inet) as range,
                              cast(cast(:kept as text) as inet[]) as kept)
            select host(c.address)
            from n, lateral (
                  select cast(host(network(n.range)) as inet) as address
                  union select cast(host(network(n.range)) as inet) + 1
                  union select n.gateway + 1
                  union select k + 1 from unnest(n.kept) k
                        where family(k) = family(n.range) and k <<= n.range and k <> broadcast(n.range)
                  union select cast(e.%1$s as inet) + 1 from network.endpoints e
                        where e.pool = :pool and e.%1$s is not null) c
            where c.address <<= n.range
              and c.address <> n.gateway
              and not c.address = any (n.kept)
              and not exists (select 1 from network.endpoints t
                              where t.pool = :pool and t.%1$s = host(c.address))
            order by c.address
            limit 1
            """;

    private Addresses() {}

    /** Of the first subnet that has one; fails in dockerd's words when none is left. */
    static Uni<String> next(Mutiny.Session session, NetworkEntity network, NetworkOnHost place, IpFamily family) {
        Uni<String> next = Uni.createFrom().nullItem();
        for (NetworkEntity.Addresses subnet : place.subnets(network, family)) {
            next = next.chain(address -> address == null
                    ? next(session, network, place, subnet, family)
                    : Uni.createFrom().item(address));
        }
        return next.onItem()
                .ifNull()
                .failWith(() ->
                        new EngineError.Failed("no available %s addresses on this network's address pools: %s (%s)"
                                .formatted(family.word(), network.name, network.id)));
    }

    /** Null when none is left. */
    private static Uni<String> next(
            Mutiny.Session session,
            NetworkEntity network,
            NetworkOnHost place,
            NetworkEntity.Addresses own,
            IpFamily family) {
        Stream<String> kept = IpRange.of(own.subnet()).kept().stream().map(family::text);
        return session.createNativeQuery(LOWEST_FREE.formatted(column(family)), String.class)
                .setParameter("gateway", own.gateway())
                .setParameter("range", own.range())
                .setParameter(
                        "kept",
                        Stream.concat(kept, Stream.of(network.reserved)).collect(Collectors.joining(",", "{", "}")))
                .setParameter("pool", place.pool(network))
                .getSingleResultOrNull();
    }

    /** Whether the address may be given to one more. The caller has seen that the network has it. */
    static Uni<Boolean> isFree(
            Mutiny.Session session, NetworkEntity network, NetworkOnHost place, IpFamily family, String address) {
        NetworkEntity.Addresses own = place.subnetOf(network, address);
        BigInteger number = family.address(address).orElseThrow();
        boolean kept = IpRange.of(own.subnet()).kept().contains(number)
                || address.equals(own.gateway())
                || Stream.of(network.reserved)
                        .anyMatch(other -> family.address(other).equals(Optional.of(number)));
        if (kept) {
            return Uni.createFrom().item(false);
        }
        return session.createNativeQuery(
                        "select count(*) from network.endpoints e where e.pool = :pool and e.%s = :address"
                                .formatted(column(family)),
                        Long.class)
                .setParameter("pool", place.pool(network))
                .setParameter("address", address)
                .getSingleResult()
                .map(count -> count == 0);
    }

    private static String column(IpFamily family) {
        return family == IpFamily.V4 ? "address" : "address6";
    }

    /** Always the same for an IPv4 address, so that nobody's ARP table is wrong when the address is given again. */
    static String macFor(String address) {
        StringBuilder mac = new StringBuilder("02:42");
        for (String part : address.split("\\.")) {
            mac.append(":%02x".formatted(Integer.parseInt(part)));
        }
        return mac.toString();
    }

    /** Locally administered, for an endpoint without an IPv4 address: of its id, which is random. */
    static String macOf(String endpointId) {
        return "02:42:" + String.join(":", endpointId.substring(0, 8).split("(?<=\\G..)"));
    }
}
