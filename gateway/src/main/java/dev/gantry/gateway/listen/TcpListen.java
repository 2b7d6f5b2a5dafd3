package dev.gantry.gateway.listen;

import dev.gantry.agent.api.settings.RefusedStart;
import dev.gantry.agent.api.settings.SafeListening;
import dev.gantry.gateway.client.WebGuard;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.Locale;
import java.util.Set;

/** Where and how the Docker API listens on TCP. Who may call it is root on this machine: hence the conditions. */
record TcpListen(String host, int port, String certificate, String key, String clientAuthority) {
    /**
     * @param address {@code host:port}
     * @param insecure whether clients without certificates are wanted, which only loopback can have
     * @throws RefusedStart when it would let strangers in; the message has the reason
     */
    static TcpListen of(String address, String certificate, String key, String clientAuthority, boolean insecure) {
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? "" : address.substring(0, colon).replaceAll("[\\[\\]]", "");
        int port = colon < 0 ? -1 : port(address.substring(colon + 1));
        if (port < 0) {
            throw new RefusedStart("gantry.docker.tcp is not host:port: " + address);
        }
        SafeListening.requireDocker(address, certificate, key, clientAuthority, insecure);
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

    /** Where a client certificate must be shown, no web page gets in. */
    WebGuard guard() {
        return clientAuthority.isEmpty()
                ? new WebGuard.Loopback(Set.of(host.contains(":") ? "[" + host + "]" : host.toLowerCase(Locale.ROOT)))
                : new WebGuard.None();
    }

    private static int port(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(Character::isDigit);
        int port = digits ? Integer.parseInt(text) : -1;
        return port <= 65_535 ? port : -1;
    }
}
