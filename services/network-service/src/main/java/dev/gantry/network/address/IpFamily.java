package dev.gantry.network.address;

import io.netty.util.NetUtil;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/** A family of addresses, with how they are written. An address is a number here. */
public enum IpFamily {
    V4("IPv4", 32) {
        @Override
        boolean isForm(String text) {
            return DOTTED.matcher(text).matches();
        }
    },
    V6("IPv6", 128) {
        @Override
        boolean isForm(String text) {
            return COLONS.matcher(text).matches();
        }
    };

    private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

    /** Octets have no leading zeros, as for Go's parser. */
    private static final Pattern DOTTED = Pattern.compile("%1$s\\.%1$s\\.%1$s\\.%1$s".formatted(OCTET));

    /** No zone. */
    private static final Pattern COLONS = Pattern.compile("(?=[^:]*:)[0-9a-fA-F:.]{2,45}");

    private final String word;
    private final int bits;

    IpFamily(String word, int bits) {
        this.word = word;
        this.bits = bits;
    }

    /** That of a text that is an address, or a network in CIDR notation. */
    public static IpFamily of(String text) {
        return text.indexOf(':') < 0 ? V4 : V6;
    }

    /** As people say it. */
    public String word() {
        return word;
    }

    /** Length of an address. */
    public int bits() {
        return bits;
    }

    /** The family's address in the text; empty for what is none. IPv4 addresses written as IPv6 ones are of no family. */
    public Optional<BigInteger> address(String text) {
        if (!isForm(text)) {
            return Optional.empty();
        }
        try {
            byte[] bytes = InetAddress.ofLiteral(text).getAddress();
            return Optional.of(new BigInteger(1, bytes)).filter(number -> bytes.length * Byte.SIZE == bits);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * The address in the text as it is always written, and an IPv4 address that is written as an IPv6 one as IPv4: dockerd takes
     * it so where it is no part of a subnet. Any other text stays as it is.
     */
    public static String canonical(String text) {
        try {
            return V4.isForm(text) || V6.isForm(text) ? NetUtil.toAddressString(InetAddress.ofLiteral(text)) : text;
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** The address as it is always written: IPv6 as RFC 5952 has it. */
    public String text(BigInteger address) {
        byte[] number = address.toByteArray();
        byte[] bytes = new byte[bits / Byte.SIZE];
        int length = Math.min(number.length, bytes.length);
        System.arraycopy(number, number.length - length, bytes, bytes.length - length, length);
        try {
            // The general factory would make an IPv4 address of a mapped one.
            InetAddress inet =
                    this == V6 ? Inet6Address.getByAddress(null, bytes, -1) : InetAddress.getByAddress(bytes);
            return NetUtil.toAddressString(inet);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("not an address: " + address, e);
        }
    }

    abstract boolean isForm(String text);
}
