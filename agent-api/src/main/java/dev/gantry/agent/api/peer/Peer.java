package dev.gantry.agent.api.peer;

import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Whoever holds the certificate that a connection showed.
 *
 * @param subject the certificate's distinguished name, as in RFC 2253
 * @param name its common name, empty when it has none
 */
public record Peer(String subject, String name) {
    /** @throws IllegalStateException when the connection showed no certificate */
    static Peer of(HttpServerRequest request) {
        try {
            String subject = request.sslSession().getPeerPrincipal().getName();
            return new Peer(subject, commonName(subject));
        } catch (SSLPeerUnverifiedException e) {
            throw new IllegalStateException("a peer without a certificate", e);
        }
    }

    private static String commonName(String subject) {
        try {
            return new LdapName(subject)
                    .getRdns().stream()
                            .filter(part ->
                                    part.getType().toUpperCase(Locale.ROOT).equals("CN"))
                            .map(Rdn::getValue)
                            .map(Object::toString)
                            .findFirst()
                            .orElse("");
        } catch (InvalidNameException _) {
            return "";
        }
    }
}
