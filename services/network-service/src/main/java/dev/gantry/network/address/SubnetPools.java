package dev.gantry.network.address;

import dev.gantry.engine.EngineError;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Where networks whose client gave no subnet get theirs from: dockerd's {@code default-address-pools}. */
@Singleton
public final class SubnetPools {
    private static final String NONE_LEFT =
            "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network";

    private final List<Pool> pools;

    /** @param size prefix length of the subnets that are given from {@code base} */
    private record Pool(Ipv4Range base, int size) {
        static Pool parse(String text) {
            int colon = text.lastIndexOf(':');
            return new Pool(Ipv4Range.of(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
        }

        /** The first that overlaps nothing: whatever is in the way is stepped over as a whole. */
        Optional<Ipv4Range> free(List<Ipv4Range> taken) {
            Ipv4Range candidate = new Ipv4Range(base.network(), size);
            while (candidate.network() <= base.last()) {
                Ipv4Range subnet = candidate;
                Optional<Ipv4Range> inTheWay =
                        taken.stream().filter(subnet::overlaps).findFirst();
                if (inTheWay.isEmpty()) {
                    return Optional.of(subnet);
                }
                candidate = new Ipv4Range(Math.max(inTheWay.get().last(), subnet.last()) + 1, size);
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
     * @param inUse networks and addresses in CIDR form; IPv6 ones are passed over
     * @return fails with dockerd's words when there is none
     */
    public Ipv4Range free(Collection<String> inUse) {
        List<Ipv4Range> taken = inUse.stream()
                .filter(cidr -> cidr.indexOf(':') < 0)
                .map(Ipv4Range::of)
                .filter(range -> range.prefix() > 0)
                .toList();
        return pools.stream()
                .flatMap(pool -> pool.free(taken).stream())
                .findFirst()
                .orElseThrow(() -> new EngineError.NotFound(NONE_LEFT));
    }
}
