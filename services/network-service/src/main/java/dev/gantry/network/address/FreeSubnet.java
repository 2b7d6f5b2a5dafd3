package dev.gantry.network.address;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Chooses a private IPv4 network that overlaps none in use. */
public final class FreeSubnet {
    /** Docker's words for when there is none. */
    public static final String NONE_LEFT =
            "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network";

    private static final List<Ipv4Range> CANDIDATES = candidates();

    private FreeSubnet() {}

    /**
     * @param inUse networks and addresses in CIDR form; IPv6 ones are passed over
     * @return such as {@code 172.18.0.0/16}
     */
    public static Optional<Ipv4Range> outside(Collection<String> inUse) {
        List<Ipv4Range> taken = inUse.stream()
                .filter(cidr -> cidr.indexOf(':') < 0)
                .map(Ipv4Range::of)
                .toList();
        return CANDIDATES.stream()
                .filter(candidate -> taken.stream().noneMatch(candidate::overlaps))
                .findFirst();
    }

    /** 172.17.0.0/16 comes late: a dockerd that starts on this host later looks there first. */
    private static List<Ipv4Range> candidates() {
        List<Ipv4Range> ranges = new ArrayList<>();
        for (int i = 18; i <= 31; i++) {
            ranges.add(Ipv4Range.of("172." + i + ".0.0/16"));
        }
        ranges.add(Ipv4Range.of("172.17.0.0/16"));
        for (int i = 0; i < 256; i += 16) {
            ranges.add(Ipv4Range.of("192.168." + i + ".0/20"));
        }
        for (int i = 255; i >= 0; i--) {
            ranges.add(Ipv4Range.of("10." + i + ".0.0/16"));
        }
        return List.copyOf(ranges);
    }
}
