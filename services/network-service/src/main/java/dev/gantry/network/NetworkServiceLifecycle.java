package dev.gantry.network;

import dev.gantry.engine.outbox.OutboxRelay;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.Config;

/** What network-service does besides answering: it publishes its facts. */
@ApplicationScoped
class NetworkServiceLifecycle {
    private OutboxRelay relay;

    void start(@Observes StartupEvent event, Vertx vertx, Config config) {
        relay = OutboxRelay.of(vertx, config, "network");
        relay.start();
    }

    void stop(@Observes ShutdownEvent event) {
        relay.stop();
    }
}
