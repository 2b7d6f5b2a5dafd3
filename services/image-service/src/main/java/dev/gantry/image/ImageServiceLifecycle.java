package dev.gantry.image;

import dev.gantry.engine.outbox.OutboxRelay;
import dev.gantry.image.content.ContentCollector;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.Config;

/** What image-service does besides answering: publishes its facts, and deletes what a crash left in the store. */
@ApplicationScoped
class ImageServiceLifecycle {
    private OutboxRelay relay;

    void start(@Observes StartupEvent event, Vertx vertx, Config config, ContentCollector collector) {
        relay = OutboxRelay.of(vertx, config, "image");
        relay.start();
        collector.sweep();
    }

    void stop(@Observes ShutdownEvent event) {
        relay.stop();
    }
}
