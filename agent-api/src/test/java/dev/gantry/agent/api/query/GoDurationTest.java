package dev.gantry.agent.api.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoDurationTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "1s, 1000", "1h30m, 5400000", "1.5s, 1500", ".5s, 500", "100ms, 100", "-1s, -1000", "2m, 120000"
    })
    void read_as_by_go(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), GoDuration.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "x, time: invalid duration \"x\"",
        "'', time: invalid duration \"\"",
        "1, time: missing unit in duration \"1\"",
        "1d, time: unknown unit \"d\" in duration \"1d\"",
        "1s2, time: missing unit in duration \"1s2\"",
        "., time: invalid duration \".\"",
    })
    void refused_in_the_words_of_go(String text, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> GoDuration.parse(text))
                        .getMessage());
    }
}
