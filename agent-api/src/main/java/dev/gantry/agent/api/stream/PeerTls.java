package dev.gantry.agent.api.stream;

import dev.gantry.agent.api.settings.RefusedStart;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TCPSSLOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.Config;

/**
 * Files for mutual TLS between agents and services, in PEM.
 *
 * @param certificate own certificate, with what lies between it and the authority
 * @param key its private key
 * @param authority certificate that signed the peers'
 */
public record PeerTls(String certificate, String key, String authority) {
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.2", "TLSv1.3");

    /**
     * What {@code gantry.tls.*} says; empty when it says nothing.
     *
     * @throws RefusedStart when it says half, or names a file that cannot be read
     */
    public static Optional<PeerTls> configured(Config config) {
        Map<String, String> files = new LinkedHashMap<>();
        for (String name : new String[] {"gantry.tls.certificate", "gantry.tls.key", "gantry.tls.authority"}) {
            files.put(name, config.getOptionalValue(name, String.class).orElse(""));
        }
        if (files.values().stream().allMatch(String::isBlank)) {
            return Optional.empty();
        }
        files.forEach((name, file) -> {
            if (file.isBlank()) {
                throw new RefusedStart(
                        name + " is missing: " + String.join(", ", files.keySet()) + " are needed together");
            }
            if (!Files.isReadable(Path.of(file))) {
                throw new RefusedStart(name + ": " + file + " cannot be read");
            }
        });
        String[] paths = files.values().toArray(new String[0]);
        return Optional.of(new PeerTls(paths[0], paths[1], paths[2]));
    }

    /** Sets the certificates; whether a connection is encrypted is decided for each. */
    public <T extends ClientOptionsBase> T applyTo(T options) {
        certificates(options);
        return options;
    }

    /** For a server that talks to nobody without a certificate of the authority; HTTP/1.1, TLS 1.2 at least. */
    public HttpServerOptions server() {
        HttpServerOptions options = new HttpServerOptions();
        certificates(options);
        return options.setSsl(true).setUseAlpn(false).setClientAuth(ClientAuth.REQUIRED);
    }

    private void certificates(TCPSSLOptions options) {
        options.setEnabledSecureTransportProtocols(PROTOCOLS)
                .setKeyCertOptions(
                        new PemKeyCertOptions().setCertPath(certificate).setKeyPath(key))
                .setTrustOptions(new PemTrustOptions().addCertPath(authority));
    }
}
