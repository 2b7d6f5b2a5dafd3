package dev.gantry.network.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Chooses a private IPv4 network that overlaps none in use on a host. */
public final class FreeSubnet {
    private static final List<Range> CANDIDATES = candidates();

    private FreeSubnet() {}

    /**
     * @param inUse networks and addresses in CIDR form; IPv6 ones are passed over
     * @return such as {@code 172.18.0.0/16}
     */
    public static Optional<String> outside(List<String> inUse) {
        List<Range> taken = inUse.stream()
                .filter(cidr -> cidr.indexOf(':') < 0)
                .map(Range::parse)
                .toList();
        return CANDIDATES.stream()
                .filter(candidate -> taken.stream().noneMatch(candidate::overlaps))
                .findFirst()
                .map(Range::toString);
    }

    /** The first address of a network, its gateway by custom. */
    public static String firstAddress(String subnet) {
        return Range.text(Range.parse(subnet).network() + 1);
    }

    /** 172.17.0.0/16 comes late: a dockerd that starts on this host later looks there first. */
    private static List<Range> candidates() {
        List<Range> ranges = new ArrayList<>();
        for (int i = 18; i <= 31; i++) {
            ranges.add(Range.parse("172." + i + ".0.0/16"));
        }
        ranges.add(Range.parse("172.17.0.0/16"));
        for (int i = 0; i < 256; i += 16) {
            ranges.add(Range.parse("192.168." + i + ".0/20"));
        }
        for (int i = 255; i >= 0; i--) {
            ranges.add(Range.parse("10." + i + ".0.0/16"));
        }
        return List.copyOf(ranges);
    }

    private record Range(long network, int prefix) {
        static Range parse(String cidr) {
            int slash = cidr.indexOf('/');
            int prefix = slash < 0 ? 32 : Integer.parseInt(cidr.substring(slash + 1));
            long address = 0;
            for (String part : (slash < 0 ? cidr : cidr.substring(0, slash)).split("\\.")) {
                address = address << 8 | Integer.parseInt(part);
            }
            return new Range(address & mask(prefix), prefix);
        }

        boolean overlaps(Range other) {
            long mask = mask(Math.min(prefix, other.prefix));
            return (network & mask) == (other.network & mask);
        }

        private static long mask(int prefix) {
            return 0xffffffffL << (32 - prefix) & 0xffffffffL;
        }

        static String text(long address) {
            return (address >> 24 & 255) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "."
                    + (address & 255);
        }

        @Override
        public String toString() {
            return text(network) + "/" + prefix;
        }
    }
}
