package dev.gantry.image.registry;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.system.RegistryAuth;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jboss.logging.Logger;

/**
 * Who asks the registry.
 *
 * @param username empty for nobody
 * @param identityToken a refresh token that replaces the password; empty when there is none
 */
public record Credentials(String username, String password, String identityToken) {
    public static final Credentials NONE = new Credentials("", "", "");

    private static final Logger LOG = Logger.getLogger(Credentials.class);
    private static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

    /**
     * Reads the header {@code X-Registry-Auth}: JSON in base64, URL-safe or not. Absent means nobody, and so does, as for
     * dockerd, what cannot be read: old clients send all sorts of things.
     */
    public static Credentials parse(String header) {
        if (header == null || header.isBlank()) {
            return NONE;
        }
        try {
            String standard = header.strip().replace('-', '+').replace('_', '/').replaceAll("=+$", "");
            RegistryAuth auth = JSON.readValue(Base64.getDecoder().decode(standard), RegistryAuth.class);
            return auth == null
                    ? NONE
                    : new Credentials(text(auth.username()), text(auth.password()), text(auth.identitytoken()));
        } catch (IllegalArgumentException | IOException _) {
            LOG.debug("X-Registry-Auth cannot be read, so the registry is asked without credentials");
            return NONE;
        }
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }

    boolean hasPassword() {
        return !username.isEmpty() || !password.isEmpty();
    }

    String basic() {
        byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }
}
