package dev.gantry.service.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoTimeTest {
    @ParameterizedTest
    @CsvSource({
        "2026-11-29T19:02:03.123456789Z, 2026-11-29T19:02:03.123456789Z",
        "2026-11-29T19:02:03.120400Z, 2026-11-29T19:02:03.1204Z",
        "2026-11-29T19:02:03Z, 2026-11-29T19:02:03Z",
        "1969-12-31T23:59:59.999999999Z, 1969-12-31T23:59:59.999999999Z"
    })
    void moments_have_their_digits_in_columns_and_in_text(Instant moment, String text) {
        assertEquals(text, GoTime.text(Nanoseconds.moment(Nanoseconds.of(moment))));
    }
}
