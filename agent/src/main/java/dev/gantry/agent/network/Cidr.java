package dev.gantry.agent.network;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** An address with the length of its network's prefix, such as {@code 172.18.0.2/16}. */
record Cidr(InetAddress address, int prefix) {

    /** @throws IllegalArgumentException when the text is not an address in CIDR form */
    static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("not in CIDR form: " + text);
        }
        Cidr cidr = new Cidr(
                InetAddress.ofLiteral(text.substring(0, slash)), Integer.parseInt(text, slash + 1, text.length(), 10));
        if (cidr.prefix < 0 || cidr.prefix > cidr.address.getAddress().length * 8) {
            throw new IllegalArgumentException("prefix length out of range: " + text);
        }
        return cidr;
    }

    static Cidr of(byte[] address, int prefix) {
        try {
            return new Cidr(InetAddress.getByAddress(address), prefix);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    boolean isIpv6() {
        return address instanceof Inet6Address;
    }

    byte[] bytes() {
        return address.getAddress();
    }

    /** The same with all bits after the prefix cleared. */
    Cidr network() {
        byte[] bytes = bytes();
        for (int bit = prefix; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
        }
        return of(bytes, prefix);
    }

    /** The network's last address. */
    byte[] broadcast() {
        byte[] bytes = bytes();
        for (int bit = prefix; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] |= (byte) (0x80 >> (bit % 8));
        }
        return bytes;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefix;
    }
}
