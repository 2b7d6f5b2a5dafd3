package dev.gantry.agent.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Names of content: {@code sha256:} and 64 lower-case hex digits. No other algorithm is accepted. */
public final class Digest {
    private static final Pattern VALID = Pattern.compile("sha256:[a-f0-9]{64}");
    private static final String PREFIX = "sha256:";

    private Digest() {}

    public static boolean isValid(String digest) {
        return digest != null && VALID.matcher(digest).matches();
    }

    public static String of(byte[] content) {
        return finish(begin(content));
    }

    /** The digest of what {@code algorithm} has seen; resets it. */
    public static String finish(MessageDigest algorithm) {
        return PREFIX + HexFormat.of().formatHex(algorithm.digest());
    }

    public static MessageDigest begin() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MessageDigest begin(byte[] content) {
        MessageDigest algorithm = begin();
        algorithm.update(content);
        return algorithm;
    }

    public static String hex(String digest) {
        return digest.substring(PREFIX.length());
    }

    /** Twelve digits, as {@code docker} shows ids. */
    public static String shortened(String digest) {
        String hex = digest.startsWith(PREFIX) ? hex(digest) : digest;
        return hex.substring(0, Math.min(12, hex.length()));
    }

    /** Name of the stack of layers that ends with {@code diffId}; {@code parent} is null for the lowest layer. */
    public static String chain(String parent, String diffId) {
        return parent == null ? diffId : of((parent + " " + diffId).getBytes(StandardCharsets.US_ASCII));
    }
}
