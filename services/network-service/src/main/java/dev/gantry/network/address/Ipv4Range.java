package dev.gantry.network.address;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network of IPv4 addresses.
 *
 * @param network its first address, as a number
 * @param prefix length, 0 to 32
 */
public record Ipv4Range(long network, int prefix) {
    private static final int BITS = 32;
    private static final long ALL = 0xffff_ffffL;
    private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern ADDRESS = Pattern.compile("%1$s\\.%1$s\\.%1$s\\.%1$s".formatted(OCTET));
    private static final Pattern PREFIX = Pattern.compile("[12]?\\d|3[0-2]");

    /** An address as a number; empty for what is none. Octets have no leading zeros, as for Go's parser. */
    public static Optional<Long> address(String text) {
        Matcher matcher = ADDRESS.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long address = 0;
        for (int i = 1; i <= matcher.groupCount(); i++) {
            address = address << 8 | Integer.parseInt(matcher.group(i));
        }
        return Optional.of(address);
    }

    /** Reads CIDR notation, in which the address may be any in the network; a lone address is a network of one. */
    public static Ipv4Range of(String cidr) {
        return parse(cidr.indexOf('/') < 0 ? cidr + "/" + BITS : cidr)
                .orElseThrow(() -> new IllegalArgumentException("no IPv4 network: " + cidr));
    }

    /** Reads CIDR notation; empty for what is none. */
    public static Optional<Ipv4Range> parse(String cidr) {
        String[] parts = cidr.split("/", 2);
        if (parts.length < 2 || !PREFIX.matcher(parts[1]).matches()) {
            return Optional.empty();
        }
        int prefix = Integer.parseInt(parts[1]);
        return address(parts[0]).map(address -> new Ipv4Range(address & mask(prefix), prefix));
    }

    public boolean overlaps(Ipv4Range other) {
        long mask = mask(Math.min(prefix, other.prefix));
        return (network & mask) == (other.network & mask);
    }

    public boolean contains(long address) {
        return (address & mask(prefix)) == network;
    }

    /** The last address: that of broadcasts. */
    public long last() {
        return network | ALL >> prefix;
    }

    /** Whether it has an address of its own and one for broadcasts, which no machine has. */
    public boolean reservesEnds() {
        return prefix < BITS - 1;
    }

    /** The first address that a machine may have. */
    public long first() {
        return reservesEnds() ? network + 1 : network;
    }

    public static String text(long address) {
        return (address >> 24 & 255) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255);
    }

    private static long mask(int prefix) {
        return ALL << (BITS - prefix) & ALL;
    }

    @Override
    public String toString() {
        return text(network) + "/" + prefix;
    }
}
