package dev.gantry.container.query;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.History;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTextTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    /** As go-units' HumanDuration has it. */
    @ParameterizedTest
    @CsvSource({
        "PT0.5S, Less than a second",
        "PT1S, 1 second",
        "PT59S, 59 seconds",
        "PT60S, About a minute",
        "PT2M, 2 minutes",
        "PT59M59S, 59 minutes",
        "PT1H, About an hour",
        "PT47H, 47 hours",
        "PT48H, 2 days",
        "P14D, 2 weeks",
        "P61D, 2 months",
        "P730D, 2 years",
    })
    void duration_is_worded(String duration, String words) {
        assertEquals(words, StatusText.human(Duration.parse(duration)));
    }

    @Test
    void states_are_worded() {
        History history = new History(NOW.minusSeconds(3), NOW.minusSeconds(120), 7, false, "", 0);

        assertEquals("Created", StatusText.of(new ContainerState.Created(History.NONE), "none", NOW));
        assertEquals("Up 3 seconds", StatusText.of(new ContainerState.Running(history, 1), "none", NOW));
        assertEquals(
                "Up 3 seconds (health: starting)",
                StatusText.of(new ContainerState.Running(history, 1), "starting", NOW));
        assertEquals("Up 3 seconds (healthy)", StatusText.of(new ContainerState.Running(history, 1), "healthy", NOW));
        assertEquals("Up 3 seconds (Paused)", StatusText.of(new ContainerState.Paused(history, 1), "unhealthy", NOW));
        assertEquals("Up 3 seconds (Paused)", StatusText.of(new ContainerState.Paused(history, 1), "none", NOW));
        assertEquals("Exited (7) 2 minutes ago", StatusText.of(new ContainerState.Exited(history), "none", NOW));
        assertEquals(
                "Restarting (7) 2 minutes ago", StatusText.of(new ContainerState.Restarting(history), "none", NOW));
        assertEquals(
                "Removal In Progress",
                StatusText.of(new ContainerState.Removing(new ContainerState.Exited(history)), "none", NOW));
    }
}
