package dev.gantry.agent.peer;

import dev.gantry.agent.api.peer.Peer;
import dev.gantry.agent.api.peer.PeerListener;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/** Where services on other machines reach this agent, if anywhere. */
@ApplicationScoped
public class ServiceListener {
    private static final Logger LOG = Logger.getLogger(ServiceListener.class);

    private final Vertx vertx;
    private final PeerSettings settings;
    private PeerListener listener;

    public ServiceListener(Vertx vertx, PeerSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
    }

    /** Call once, when requests can be served. */
    public void start() {
        if (settings.listen().isEmpty()) {
            return;
        }
        listener = PeerListener.open(
                vertx,
                PeerSettings.LISTEN,
                settings.listen().get(),
                settings.tls().orElseThrow(),
                this::serve);
        LOG.infof("services are served on TCP port %d", listener.port());
    }

    private void serve(Peer peer, HttpServerRequest request) {
        String services = settings.services();
        if (services.isEmpty() || services.equals(peer.name())) {
            VertxHttpRecorder.getRootHandler().handle(request);
        } else {
            LOG.warnf("refused %s %s of %s", request.method(), request.path(), peer.subject());
            request.response().setStatusCode(403).end("this agent obeys " + services + " only");
        }
    }

    /** Before any bean is destroyed: who asks for one afterwards gets another, which knows of no containers. */
    void stop(@Observes ShutdownEvent event) {
        if (listener != null) {
            listener.close();
        }
    }
}
