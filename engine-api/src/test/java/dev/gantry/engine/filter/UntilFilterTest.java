package dev.gantry.engine.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.EngineError;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UntilFilterTest {
    private static Filters until(String... values) {
        Map<String, Boolean> given = new LinkedHashMap<>();
        List.of(values).forEach(value -> given.put(value, true));
        return new Filters(Map.of("until", given));
    }

    @ParameterizedTest
    @CsvSource({
        "10m, 600000",
        "1h30m, 5400000",
        "1.5h, 5400000",
        "300ms, 300",
        "-5m, -300000",
        "+2s, 2000",
        "1h0.5s, 3600500",
        "2562047h, 9223369200000"
    })
    void durations_count_back_from_now(String text, long millis) {
        Instant expected = Instant.now().minusMillis(millis);

        Instant until = UntilFilter.only(until(text));

        assertTrue(Duration.between(expected, until).abs().compareTo(Duration.ofMinutes(1)) < 0, until::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1970-01-01T00:00:00Z",
        "1600000000.5, 2020-09-13T12:26:40.500Z",
        "99999999999, 5138-11-16T09:46:39Z",
        "2020-01-02T03:04:05Z, 2020-01-02T03:04:05Z",
        "2020-01-02T03:04:05.5+02:00, 2020-01-02T01:04:05.500Z"
    })
    void times_are_moments(String text, Instant moment) {
        assertEquals(moment, UntilFilter.only(until(text)));
    }

    @ParameterizedTest
    @CsvSource({
        "2020-01-02, 2020-01-02T00:00:00",
        "2020-01-02T03, 2020-01-02T03:00:00",
        "2020-01-02T03:04, 2020-01-02T03:04:00",
        "2020-01-02T03:04:05, 2020-01-02T03:04:05"
    })
    void times_without_an_offset_are_local(String text, LocalDateTime local) {
        assertEquals(local.atZone(ZoneId.systemDefault()).toInstant(), UntilFilter.only(until(text)));
    }

    @Test
    void seconds_beyond_all_time_are_its_end() {
        assertEquals(Instant.MAX, UntilFilter.only(until("999999999999999999")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "abc",
                "",
                " 10m",
                "1e5",
                "12.5.5",
                "1600000000.abc",
                "9999999999h",
                "999999999999999999999h",
                "-100",
                "2020-13-40",
                "2020-1-2",
                "h",
                "1 h",
                "10mm"
            })
    void anything_else_is_refused(String text) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> UntilFilter.only(until(text)));

        assertEquals("failed to parse value as time or duration: \"" + text + "\"", error.getMessage());
    }

    @Test
    void prunes_take_one_and_lists_the_earliest() {
        assertNull(UntilFilter.only(Filters.NONE));
        assertEquals(Instant.ofEpochSecond(5), UntilFilter.earliest(until("7", "5", "9")));
        assertEquals(
                "more than one until filter specified",
                assertThrows(EngineError.BadParameter.class, () -> UntilFilter.only(until("7", "5")))
                        .getMessage());
    }
}
