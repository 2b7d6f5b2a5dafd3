package dev.gantry.network.state;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Ids of networks and endpoints: 64 hex digits, random. */
public final class ObjectIds {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 32;

    private ObjectIds() {}

    public static String next() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
