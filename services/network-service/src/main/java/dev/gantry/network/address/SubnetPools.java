package dev.gantry.network.address;

import dev.gantry.engine.EngineError;
import jakarta.inject.Singleton;
import java.math.BigInteger;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Where networks whose client gave no subnet get theirs from: dockerd's {@code default-address-pools}. */
@Singleton
public final class SubnetPools {
    private static final String NONE_LEFT =
            "could not find an available, non-overlapping %s address pool among the defaults to assign to the network";

    /** Prefix lengths of RFC 4193's networks of one site, and of one link. */
    private static final int SITE = 48;

    private static final int LINK = 64;

    private final List<Pool> pools;

    /** @param size prefix length of the subnets that are given from {@code base} */
    private record Pool(IpRange base, int size) {
        static Pool parse(String text) {
            int colon = text.lastIndexOf(':');
            return new Pool(IpRange.of(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
        }

        /** The first that overlaps nothing: whatever is in the way is stepped over as a whole. */
        Optional<IpRange> free(List<IpRange> taken) {
            IpRange candidate = new IpRange(base.family(), base.network(), size);
            while (base.contains(candidate.network())) {
                IpRange subnet = candidate;
                Optional<IpRange> inTheWay =
                        taken.stream().filter(subnet::overlaps).findFirst();
                if (inTheWay.isEmpty()) {
                    return Optional.of(subnet);
                }
                BigInteger next = inTheWay.get().last().max(subnet.last()).add(BigInteger.ONE);
                if (next.bitLength() > base.family().bits()) {
                    return Optional.empty();
                }
                candidate = new IpRange(base.family(), next, size);
            }
            return Optional.empty();
        }
    }

    /** @param pools such as {@code 172.18.0.0/15:16,10.128.0.0/9:20}, checked by the settings */
    public SubnetPools(@ConfigProperty(name = "gantry.network.pools") String pools) {
        this.pools =
                Stream.of(pools.split(",")).map(String::strip).map(Pool::parse).toList();
    }

    /**
     * @param inUse networks and addresses in CIDR form
     * @return fails with dockerd's words when there is none
     */
    public IpRange free(IpFamily family, Collection<String> inUse) {
        return free(family, pools, inUse);
    }

    /**
     * The same, from a network of this cluster's own where none is set.
     *
     * @param globalId 10 hexadecimal digits that no other cluster has, for a unique local address (RFC 4193)
     */
    public IpRange freeIpv6(String globalId, Collection<String> inUse) {
        boolean set = pools.stream().anyMatch(pool -> pool.base().family() == IpFamily.V6);
        BigInteger prefix = new BigInteger("fd" + globalId, 16);
        IpRange own = new IpRange(IpFamily.V6, prefix.shiftLeft(IpFamily.V6.bits() - SITE), SITE);
        return free(IpFamily.V6, set ? pools : List.of(new Pool(own, LINK)), inUse);
    }

    private static IpRange free(IpFamily family, List<Pool> pools, Collection<String> inUse) {
        List<IpRange> taken = inUse.stream()
                .map(IpRange::of)
                .filter(range -> range.family() == family && range.prefix() > 0)
                .toList();
        return pools.stream()
                .filter(pool -> pool.base().family() == family)
                .flatMap(pool -> pool.free(taken).stream())
                .findFirst()
                .orElseThrow(() -> new EngineError.NotFound(NONE_LEFT.formatted(family.word())));
    }
}
