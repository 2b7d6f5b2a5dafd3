package dev.gantry.gateway.listen;

import dev.gantry.gateway.route.Route;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code gantry.api.operations}: time from a request's head to its answer's head, by operation and outcome. An operation
 * that waits for something to happen ({@code wait}) takes as long as that.
 */
@Singleton
final class OperationTimes {
    private static final Duration[] BOUNDS = Stream.of(
                    5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    /** @param route null for what is no operation of the API */
    private record Kind(Route route, String outcome) {
        String operation() {
            return route == null ? "none" : route.operation();
        }
    }

    private final MeterRegistry meters;
    private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

    OperationTimes(MeterRegistry meters) {
        this.meters = meters;
    }

    void answered(Route route, int status, long nanos) {
        timers.computeIfAbsent(new Kind(route, outcome(status)), this::timer).record(nanos, TimeUnit.NANOSECONDS);
    }

    private static String outcome(int status) {
        if (status < 400) {
            return "done";
        }
        return status < 500 ? "refused" : "failed";
    }

    private Timer timer(Kind kind) {
        return Timer.builder("gantry.api.operations")
                .description("Time from a request of the Docker API to the head of its answer")
                .tag("operation", kind.operation())
                .tag("outcome", kind.outcome())
                .serviceLevelObjectives(BOUNDS)
                .register(meters);
    }
}
