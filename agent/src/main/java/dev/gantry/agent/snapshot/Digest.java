package dev.gantry.agent.snapshot;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.gantry.agent.api.AgentFailure;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** A checked {@code sha256:...}: 64 lower-case hex digits, which are safe as a file name. */
record Digest(String hex) {
    private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final int PREFIX = "sha256:".length();

    /** @throws AgentFailure {@code BAD_REQUEST} */
    static Digest parse(String text) {
        if (text == null || !FORM.matcher(text).matches()) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "invalid digest: " + text);
        }
        return new Digest(text.substring(PREFIX));
    }

    /** The chain id of a layer on top of a stack; {@code parent} is null for the bottom layer (OCI image-spec, config). */
    static Digest chain(Digest parent, Digest diff) {
        if (parent == null) {
            return diff;
        }
        MessageDigest sha256 = diff.newDigest();
        sha256.update((parent + " " + diff).getBytes(US_ASCII));
        return of(sha256);
    }

    static Digest of(MessageDigest finished) {
        return new Digest(HexFormat.of().formatHex(finished.digest()));
    }

    MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param what is digested, for the message */
    void verify(MessageDigest actual, String what) throws IOException {
        Digest found = of(actual);
        if (!found.equals(this)) {
            throw new IOException(what + " has digest " + found + " instead of " + this);
        }
    }

    @Override
    public String toString() {
        return "sha256:" + hex;
    }
}
