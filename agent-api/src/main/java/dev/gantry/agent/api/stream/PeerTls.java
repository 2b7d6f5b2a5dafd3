package dev.gantry.agent.api.stream;

import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;

/**
 * Files for mutual TLS towards agents and services, in PEM.
 *
 * @param certificate own certificate
 * @param key its private key
 * @param authority certificate that signed the peers'
 */
public record PeerTls(String certificate, String key, String authority) {
    /** Sets the certificates; whether a connection is encrypted is decided for each. */
    public <T extends ClientOptionsBase> T applyTo(T options) {
        options.setKeyCertOptions(
                new PemKeyCertOptions().setCertPath(certificate).setKeyPath(key));
        options.setTrustOptions(new PemTrustOptions().addCertPath(authority));
        return options;
    }
}
