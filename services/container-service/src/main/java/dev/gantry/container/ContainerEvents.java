package dev.gantry.container;

import dev.gantry.engine.outbox.OutboxRelay;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.Config;

/** Publishes what this service writes into its outbox. */
@ApplicationScoped
public class ContainerEvents {
    private OutboxRelay relay;

    void start(@Observes StartupEvent event, Vertx vertx, Config config) {
        relay = OutboxRelay.of(vertx, config, "container");
        relay.start();
    }

    void stop(@Observes ShutdownEvent event) {
        if (relay != null) {
            relay.stop();
        }
    }
}
