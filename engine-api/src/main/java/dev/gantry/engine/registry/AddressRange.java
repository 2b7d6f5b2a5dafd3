package dev.gantry.engine.registry;

import java.net.InetAddress;

/**
 * Addresses with the same first bits.
 *
 * @param text {@code 10.0.0.0/8}
 */
record AddressRange(String text, byte[] base, int bits) {
    /** @throws IllegalArgumentException when it is none */
    static AddressRange of(String text) {
        int slash = text.indexOf('/');
        byte[] base = InetAddress.ofLiteral(text.substring(0, slash)).getAddress();
        int bits = Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > base.length * Byte.SIZE) {
            throw new IllegalArgumentException(text);
        }
        return new AddressRange(text, base, bits);
    }

    boolean has(InetAddress address) {
        byte[] other = address.getAddress();
        if (other.length != base.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> bit % Byte.SIZE;
            if (((base[bit / Byte.SIZE] ^ other[bit / Byte.SIZE]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
