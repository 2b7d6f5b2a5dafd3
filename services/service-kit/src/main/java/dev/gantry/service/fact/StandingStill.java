package dev.gantry.service.fact;

import io.smallrye.health.api.Wellness;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/**
 * Listeners whose fact could not be acted on yet. The process answers requests as well as ever, so this says nothing about
 * readiness; one that stands still for longer than {@link #PATIENCE} is shown as down.
 */
@Singleton
@Wellness
final class StandingStill implements HealthCheck {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

    private record Waiting(String what, Instant since) {}

    /** Whether this is news. */
    boolean began(String channel, String what) {
        return waiting.putIfAbsent(channel, new Waiting(what, Instant.now())) == null;
    }

    void over(String channel) {
        waiting.remove(channel);
    }

    @Override
    public HealthCheckResponse call() {
        return call(Instant.now());
    }

    HealthCheckResponse call(Instant now) {
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("listeners to facts");
        boolean up = true;
        for (Map.Entry<String, Waiting> entry : waiting.entrySet()) {
            Waiting one = entry.getValue();
            if (one.since().plus(PATIENCE).isBefore(now)) {
                up = false;
                answer.withData(entry.getKey(), one.what() + " waits since " + one.since());
            }
        }
        return answer.status(up).build();
    }
}
