package dev.gantry.network.address;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A network of addresses.
 *
 * @param network its first address
 * @param prefix length, 0 to the number of bits in the family's addresses
 */
public record IpRange(IpFamily family, BigInteger network, int prefix) {
    private static final Pattern PREFIX = Pattern.compile("0|[1-9]\\d{0,2}");

    /** Reads CIDR notation, in which the address may be any in the network; a lone address is a network of one. */
    public static IpRange of(String cidr) {
        return parse(cidr.indexOf('/') < 0 ? cidr + "/" + IpFamily.of(cidr).bits() : cidr)
                .orElseThrow(() -> new IllegalArgumentException("no network of addresses: " + cidr));
    }

    /** Reads CIDR notation; empty for what is none. */
    public static Optional<IpRange> parse(String cidr) {
        String[] parts = cidr.split("/", 2);
        if (parts.length < 2 || !PREFIX.matcher(parts[1]).matches()) {
            return Optional.empty();
        }
        IpFamily family = IpFamily.of(parts[0]);
        int prefix = Integer.parseInt(parts[1]);
        return prefix > family.bits()
                ? Optional.empty()
                : family.address(parts[0]).map(address -> around(family, address, prefix));
    }

    /** The network of that size which has the address. */
    public static IpRange around(IpFamily family, BigInteger address, int prefix) {
        int rest = family.bits() - prefix;
        return new IpRange(family, address.shiftRight(rest).shiftLeft(rest), prefix);
    }

    /** Those of other families have nothing in common. */
    public boolean overlaps(IpRange other) {
        return family == other.family && (prefix <= other.prefix ? contains(other.network) : other.contains(network));
    }

    /** @param address of the same family */
    public boolean contains(BigInteger address) {
        return around(family, address, prefix).network.equals(network);
    }

    /** Whether the text is an address in it. */
    public boolean contains(String address) {
        return family.address(address).filter(this::contains).isPresent();
    }

    /** The last address; that of broadcasts for IPv4. */
    public BigInteger last() {
        return network.add(BigInteger.ONE.shiftLeft(family.bits() - prefix)).subtract(BigInteger.ONE);
    }

    /**
     * Addresses that no machine has: the network's own and that of broadcasts of IPv4, unless there are no others (RFC 3021);
     * of IPv6 that of all routers, which is the first (RFC 4291, 2.6.1).
     */
    public List<BigInteger> kept() {
        if (family == IpFamily.V6) {
            return List.of(network);
        }
        return prefix < family.bits() - 1 ? List.of(network, last()) : List.of();
    }

    /** The first address that a machine may have; empty where there is none. */
    public Optional<BigInteger> first() {
        BigInteger first = kept().contains(network) ? network.add(BigInteger.ONE) : network;
        return Optional.of(first).filter(this::contains);
    }

    @Override
    public String toString() {
        return family.text(network) + "/" + prefix;
    }
}
