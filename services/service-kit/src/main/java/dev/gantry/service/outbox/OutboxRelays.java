package dev.gantry.service.outbox;

import dev.gantry.service.database.ServiceSchema;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/** A relay for each service of this process that tells facts. */
@Singleton
final class OutboxRelays {
    private List<OutboxRelay> relays = List.of();

    void start(
            @Observes StartupEvent event,
            @All List<ServiceSchema> schemas,
            Vertx vertx,
            Config config,
            MeterRegistry meters) {
        relays = schemas.stream()
                .filter(ServiceSchema::hasOutbox)
                .map(schema -> OutboxRelay.of(vertx, config, schema.name()))
                .toList();
        relays.forEach(OutboxRelay::start);
        relays.forEach(relay -> measure(relay, meters));
    }

    private static void measure(OutboxRelay relay, MeterRegistry meters) {
        Gauge.builder("gantry.outbox.behind", relay, OutboxRelays::secondsBehind)
                .description("How long facts have waited to be published, in seconds; of the relay that leads")
                .baseUnit("seconds")
                .tag("schema", relay.schema())
                .register(meters);
        FunctionCounter.builder("gantry.outbox.published", relay, OutboxRelay::published)
                .description("Facts that were published")
                .tag("schema", relay.schema())
                .register(meters);
    }

    private static double secondsBehind(OutboxRelay relay) {
        return relay.behindSince()
                .map(since -> Duration.between(since, Instant.now()).toMillis() / 1000.0)
                .orElse(0.0);
    }

    List<OutboxRelay> all() {
        return relays;
    }

    void stop(@Observes ShutdownEvent event) {
        relays.forEach(OutboxRelay::stop);
    }
}
