package dev.gantry.service.outbox;

import io.smallrye.health.api.Wellness;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/**
 * Outboxes whose facts could not be published for longer than {@link #PATIENCE} are shown as down. Requests are answered as
 * well as ever meanwhile, so this says nothing about readiness.
 */
@Singleton
@Wellness
final class OutboxesBehind implements HealthCheck {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final OutboxRelays relays;

    OutboxesBehind(OutboxRelays relays) {
        this.relays = relays;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("outboxes");
        boolean up = true;
        for (OutboxRelay relay : relays.all()) {
            Instant since = relay.behindSince().orElse(Instant.MAX);
            if (since.isBefore(Instant.now().minus(PATIENCE))) {
                up = false;
                answer.withData(relay.schema(), "facts wait since " + since);
            }
        }
        return answer.status(up).build();
    }
}
