package dev.gantry.network;

import dev.gantry.engine.outbox.OutboxRelay;
import dev.gantry.network.endpoint.ForgottenEndpoints;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.VertxContextSupport;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/** What network-service does besides answering: it publishes its facts and takes back what was forgotten. */
@ApplicationScoped
class NetworkServiceLifecycle {
    private static final Logger LOG = Logger.getLogger(NetworkServiceLifecycle.class);
    private static final long SWEEP_MILLIS = 60_000;

    private OutboxRelay relay;

    void start(@Observes StartupEvent event, Vertx vertx, Config config, ForgottenEndpoints forgotten) {
        vertx.setPeriodic(
                SWEEP_MILLIS,
                id -> VertxContextSupport.subscribeWith(
                        () -> forgotten
                                .release()
                                .onFailure()
                                .invoke(e -> LOG.debugf("sweep: %s", e.getMessage()))
                                .onFailure()
                                .recoverWithItem(false)
                                .toMulti(),
                        ignored -> {}));
        relay = OutboxRelay.of(vertx, config, "network");
        relay.start();
    }

    void stop(@Observes ShutdownEvent event) {
        relay.stop();
    }
}
