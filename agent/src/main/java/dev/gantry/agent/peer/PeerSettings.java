package dev.gantry.agent.peer;

import dev.gantry.agent.api.settings.RefusedStart;
import dev.gantry.agent.api.settings.SafeListening;
import dev.gantry.agent.api.stream.PeerTls;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/** What is configured of the connections with services. Whoever gives this agent orders is root on this host. */
@Singleton
public class PeerSettings {
    static final String LISTEN = "gantry.agent.listen";
    private static final String ADDRESS = "gantry.agent.address";
    private static final String CONTROL = "gantry.agent.control";
    private static final String REPORTS = "gantry.agent.reports";
    private static final String FILES = "gantry.tls.certificate, gantry.tls.key and gantry.tls.authority";

    private final Config config;

    PeerSettings(Config config) {
        this.config = config;
    }

    /** Certificates towards services, where configured. */
    public Optional<PeerTls> tls() {
        return PeerTls.configured(config);
    }

    /** {@code host:port} to listen on. */
    Optional<String> listen() {
        return config.getOptionalValue(LISTEN, String.class).filter(address -> !address.isBlank());
    }

    /** Common name that callers must have; empty when any certificate will do. */
    String services() {
        return config.getOptionalValue("gantry.tls.services", String.class).orElse("");
    }

    /** @throws RefusedStart when strangers could give orders or listen to reports; the message has the reason */
    public void requireSafe() {
        if (config.getOptionalValue("quarkus.http.host-enabled", Boolean.class).orElse(true)) {
            throw new RefusedStart("quarkus.http.host-enabled: over TCP the agent would obey everybody; use " + LISTEN
                    + ", which has mutual TLS");
        }
        boolean certificates = tls().isPresent();
        listen().ifPresent(address -> {
            if (!certificates) {
                throw new RefusedStart(LISTEN + "=" + address + ": over TCP the agent listens with mutual TLS"
                        + " only, for whoever can call it is root on this host; set " + FILES);
            }
        });
        requireSafe(ADDRESS, certificates);
        requireSafe(CONTROL, certificates);
        requireSafe(REPORTS, certificates);
    }

    private void requireSafe(String setting, boolean certificates) {
        URI url = URI.create(config.getValue(setting, String.class));
        if ("https".equals(url.getScheme()) && !certificates) {
            throw new RefusedStart(setting + "=" + url + " needs certificates; set " + FILES);
        }
        if ("http".equals(url.getScheme()) && (setting.equals(ADDRESS) || !SafeListening.isLoopback(url.getHost()))) {
            throw new RefusedStart(setting + "=" + url
                    + ": services and agents talk over TCP with mutual TLS only; use https and set " + FILES);
        }
    }
}
