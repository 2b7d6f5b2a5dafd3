package dev.gantry.agent.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunningProbeTest {
    @ParameterizedTest
    @CsvSource({
        "PT0.001S, 1ms",
        "PT0.0015S, 1.5ms",
        "PT1S, 1s",
        "PT1.5S, 1.5s",
        "PT20S, 20s",
        "PT60S, 1m0s",
        "PT90.25S, 1m30.25s",
        "PT1H, 1h0m0s",
        "PT26H3M4S, 26h3m4s"
    })
    void durations_are_written_as_in_go(String duration, String text) {
        assertEquals(text, RunningProbe.text(Duration.parse(duration).toNanos()));
    }
}
