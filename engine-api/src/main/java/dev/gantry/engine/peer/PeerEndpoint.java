package dev.gantry.engine.peer;

import dev.gantry.agent.api.peer.Peer;
import dev.gantry.agent.api.peer.PeerListener;
import dev.gantry.agent.api.settings.RefusedStart;
import dev.gantry.agent.api.settings.SafeListening;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.engine.ErrorAnswer;
import dev.gantry.engine.principal.Principal;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/**
 * This process' services for other machines, at {@code gantry.services.listen}. Peers may ask what agents need; those
 * with the common name {@code gantry.tls.services} are services themselves and may ask everything.
 */
@Singleton
public final class PeerEndpoint {
    /** The peer's distinguished name, on every request from another machine and on no other. */
    public static final String PEER_HEADER = "Gantry-Peer";

    private static final Logger LOG = Logger.getLogger(PeerEndpoint.class);
    private static final String LISTEN = "gantry.services.listen";
    /** After everything that must be there to serve. */
    private static final int LATE = 9_000;

    private final Vertx vertx;
    private final Config config;
    private final String services;
    private PeerListener listener;

    PeerEndpoint(Vertx vertx, Config config) {
        this.vertx = vertx;
        this.config = config;
        this.services = text("gantry.tls.services");
    }

    void start(@Observes @Priority(LATE) StartupEvent event) {
        requireLoopback();
        String address = text(LISTEN);
        if (address.isBlank() || text("quarkus.application.name").equals("gateway")) {
            return;
        }
        PeerTls tls = PeerTls.configured(config)
                .orElseThrow(() -> new RefusedStart(LISTEN + "=" + address
                        + ": over TCP services listen with mutual TLS only; set gantry.tls.certificate,"
                        + " gantry.tls.key and gantry.tls.authority"));
        listener = PeerListener.open(vertx, LISTEN, address, tls, this::serve);
        LOG.infof("agents are served on TCP port %d", listener.port());
    }

    void stop(@Observes ShutdownEvent event) {
        if (listener != null) {
            listener.close();
        }
    }

    /** Quarkus' own listener asks nobody for a certificate, and has every internal path. */
    private void requireLoopback() {
        String host = text("quarkus.http.host");
        boolean listens = config.getOptionalValue("quarkus.http.host-enabled", Boolean.class)
                .orElse(true);
        if (listens && LaunchMode.current() == LaunchMode.NORMAL && !SafeListening.isLoopback(host)) {
            throw new RefusedStart("quarkus.http.host=" + host + ": everyone who can reach it would be root on"
                    + " all hosts; for other machines there is " + LISTEN + ", which has mutual TLS");
        }
    }

    private void serve(Peer peer, HttpServerRequest request) {
        boolean service = !services.isBlank() && services.equals(peer.name());
        request.headers().set(PEER_HEADER, peer.subject());
        if (!service) {
            // An agent speaks for nobody.
            request.headers().remove(Principal.HEADER);
        }
        if (service || AgentPaths.include(request.method().name(), request.path())) {
            VertxHttpRecorder.getRootHandler().handle(request);
            return;
        }
        LOG.warnf("refused %s %s of %s", request.method(), request.path(), peer.subject());
        ErrorAnswer.send(request.response(), 403, "this is for services, which gantry.tls.services names");
    }

    private String text(String key) {
        return config.getOptionalValue(key, String.class).orElse("");
    }
}
