package dev.gantry.agent.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.ContainerSpec.RestartSpec;
import dev.gantry.agent.container.ContainerState.Exited;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
    private static final Duration SHORT_RUN = Duration.ofMillis(20);

    @Test
    void no_policy_never_restarts() {
        assertFalse(applies("no", 0, 1, 0));
        assertFalse(applies("", 0, 1, 0));
    }

    @Test
    void always_and_unless_stopped_restart_whatever_the_exit_code() {
        assertTrue(applies("always", 0, 0, 100));
        assertTrue(applies("unless-stopped", 0, 1, 100));
    }

    @Test
    void on_failure_restarts_failures_up_to_its_bound() {
        assertFalse(applies("on-failure", 0, 0, 0));
        assertTrue(applies("on-failure", 0, 1, 1_000));
        assertTrue(applies("on-failure", 3, 1, 2));
        assertFalse(applies("on-failure", 3, 1, 3));
    }

    @Test
    void a_stop_by_command_ends_every_policy() {
        for (String policy : new String[] {"always", "unless-stopped", "on-failure"}) {
            assertFalse(RestartPolicy.appliesTo(new RestartSpec(policy, 0), 1, 0, true));
        }
    }

    @Test
    void after_a_boot_only_always_forgets_a_stop_by_command() {
        Exited failed = new Exited(1, false, Instant.EPOCH, Instant.EPOCH, 0, false, "");

        assertTrue(RestartPolicy.startsAtBoot(new RestartSpec("always", 0), failed, true));
        assertFalse(RestartPolicy.startsAtBoot(new RestartSpec("unless-stopped", 0), failed, true));
        assertTrue(RestartPolicy.startsAtBoot(new RestartSpec("unless-stopped", 0), failed, false));
        assertTrue(RestartPolicy.startsAtBoot(new RestartSpec("on-failure", 0), failed, false));
        assertFalse(RestartPolicy.startsAtBoot(new RestartSpec("no", 0), failed, false));
    }

    @Test
    void waits_double_up_to_a_minute() {
        Duration wait = RestartPolicy.nextWait(Duration.ZERO, SHORT_RUN);
        assertEquals(Duration.ofMillis(100), wait);

        wait = RestartPolicy.nextWait(wait, SHORT_RUN);
        assertEquals(Duration.ofMillis(200), wait);

        for (int i = 0; i < 20; i++) {
            wait = RestartPolicy.nextWait(wait, SHORT_RUN);
        }
        assertEquals(Duration.ofMinutes(1), wait);
    }

    @Test
    void a_run_of_ten_seconds_makes_the_wait_short_again() {
        assertEquals(Duration.ofMillis(100), RestartPolicy.nextWait(Duration.ofSeconds(30), Duration.ofSeconds(10)));
    }

    private static boolean applies(String policy, int maximum, int exitCode, int restarts) {
        return RestartPolicy.appliesTo(new RestartSpec(policy, maximum), exitCode, restarts, false);
    }
}
