package dev.gantry.gateway.listen;

import dev.gantry.agent.api.settings.RefusedStart;
import dev.gantry.agent.api.settings.SafeListening;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.Set;

/** Where and how the Docker API listens on TCP. Who may call it is root on this machine: hence the conditions. */
record TcpListen(String host, int port, String certificate, String key, String clientAuthority) {
    /**
     * @param address {@code host:port}
     * @throws RefusedStart when it would let strangers in; the message has the reason
     */
    static TcpListen of(String address, String certificate, String key, String clientAuthority) {
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? "" : address.substring(0, colon).replaceAll("[\\[\\]]", "");
        int port = colon < 0 ? -1 : port(address.substring(colon + 1));
        if (port < 0) {
            throw new RefusedStart("gantry.docker.tcp is not host:port: " + address);
        }
        SafeListening.requireDocker(address, certificate, key, clientAuthority);
        return new TcpListen(host, port, certificate, key, clientAuthority);
    }

    HttpServerOptions apply(HttpServerOptions options) {
        if (certificate.isEmpty()) {
            return options;
        }
        options.setSsl(true)
                .setUseAlpn(false)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setKeyCertOptions(
                        new PemKeyCertOptions().addCertPath(certificate).addKeyPath(key));
        if (!clientAuthority.isEmpty()) {
            options.setClientAuth(ClientAuth.REQUIRED)
                    .setTrustOptions(new PemTrustOptions().addCertPath(clientAuthority));
        }
        return options;
    }

    private static int port(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(Character::isDigit);
        int port = digits ? Integer.parseInt(text) : -1;
        return port <= 65_535 ? port : -1;
    }
}
