package dev.gantry.embedded.kafka;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.scram.ScramCredential;
import org.apache.kafka.common.security.scram.ScramCredentialCallback;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;

/**
 * The broker's side of SCRAM for its one user. Kafka's own looks users up in the cluster's metadata, which the broker has
 * only after it was itself let in by the controller, and where a lost secret cannot be replaced.
 */
public final class ScramCredentials implements AuthenticateCallbackHandler {
    static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_256;

    private String username;
    private ScramCredential credential;

    @Override
    public void configure(Map<String, ?> configuration, String mechanism, List<AppConfigurationEntry> entries) {
        Map<String, ?> options = entries.getFirst().getOptions();
        username = (String) options.get("username");
        try {
            credential = credential((String) options.get("password"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** SCRAM refuses whom no credential was found for. */
    @Override
    public void handle(Callback[] callbacks) {
        boolean known = Arrays.stream(callbacks)
                .anyMatch(asked -> asked instanceof NameCallback name && username.equals(name.getDefaultName()));
        for (Callback callback : callbacks) {
            if (known && callback instanceof ScramCredentialCallback asked) {
                asked.scramCredential(credential);
            }
        }
    }

    @Override
    public void close() {}

    private static ScramCredential credential(String password) throws GeneralSecurityException {
        ScramFormatter scram = new ScramFormatter(MECHANISM);
        byte[] salt = ScramFormatter.normalize(scram.secureRandomString());
        byte[] salted = scram.saltedPassword(password, salt, MECHANISM.minIterations());
        return new ScramCredential(
                salt, scram.storedKey(scram.clientKey(salted)), scram.serverKey(salted), MECHANISM.minIterations());
    }
}
