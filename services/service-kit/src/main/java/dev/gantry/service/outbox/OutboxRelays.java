package dev.gantry.service.outbox;

import dev.gantry.service.database.ServiceSchema;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/** A relay for each service of this process that tells facts. */
@Singleton
final class OutboxRelays {
    private List<OutboxRelay> relays = List.of();

    void start(@Observes StartupEvent event, @All List<ServiceSchema> schemas, Vertx vertx, Config config) {
        relays = schemas.stream()
                .filter(ServiceSchema::hasOutbox)
                .map(schema -> OutboxRelay.of(vertx, config, schema.name()))
                .toList();
        relays.forEach(OutboxRelay::start);
    }

    List<OutboxRelay> all() {
        return relays;
    }

    void stop(@Observes ShutdownEvent event) {
        relays.forEach(OutboxRelay::stop);
    }
}
