package dev.gantry.agent.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.agent.api.ContainerSpec.HealthSpec;
import dev.gantry.agent.health.Health.Status;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final HealthSpec SPEC = new HealthSpec(
            List.of("test"),
            Duration.ofSeconds(30).toNanos(),
            Duration.ofSeconds(1).toNanos(),
            Duration.ofSeconds(10).toNanos(),
            Duration.ofSeconds(2).toNanos(),
            2);
    private static final Duration EARLY = Duration.ofSeconds(9);
    private static final Duration LATE = Duration.ofSeconds(10);

    @Test
    void failures_count_once_the_start_period_is_over() {
        assertEquals(Health.STARTING, Health.STARTING.after(false, EARLY, SPEC));
        assertEquals(new Health(Status.STARTING, 1), Health.STARTING.after(false, LATE, SPEC));
    }

    @Test
    void failures_count_from_the_first_success_on() {
        Health healthy = Health.STARTING.after(true, EARLY, SPEC);

        assertEquals(new Health(Status.HEALTHY, 0), healthy);
        assertEquals(new Health(Status.HEALTHY, 1), healthy.after(false, EARLY, SPEC));
        assertEquals(
                new Health(Status.UNHEALTHY, 2),
                healthy.after(false, EARLY, SPEC).after(false, EARLY, SPEC));
    }

    @Test
    void a_success_ends_a_streak() {
        assertEquals(new Health(Status.HEALTHY, 0), new Health(Status.UNHEALTHY, 5).after(true, LATE, SPEC));
    }

    @Test
    void the_start_interval_is_for_the_start_period_until_the_first_success() {
        assertEquals(Duration.ofSeconds(2), Health.STARTING.pause(EARLY, SPEC));
        assertEquals(Duration.ofSeconds(30), Health.STARTING.pause(LATE, SPEC));
        assertEquals(Duration.ofSeconds(30), new Health(Status.HEALTHY, 0).pause(EARLY, SPEC));
    }
}
