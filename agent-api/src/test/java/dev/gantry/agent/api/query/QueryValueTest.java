package dev.gantry.agent.api.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryValueTest {
    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"0", "no", "No", "false", "FALSE", "none", " false "})
    void these_words_are_no(String text) {
        assertFalse(QueryValue.flag(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "true", "True", "yes", "on", "2", "off", "-"})
    void anything_else_is_yes(String text) {
        assertTrue(QueryValue.flag(text));
    }

    @Test
    void what_is_not_said_is_as_usual() {
        assertTrue(QueryValue.flag(null, true));
        assertTrue(QueryValue.flag("", true));
        assertFalse(QueryValue.flag("0", true));
        assertTrue(QueryValue.flag("1", false));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "10,10", "-1,-1", "+7,7", "2147483647,2147483647"})
    void whole_numbers(String text, int number) {
        assertEquals(number, QueryValue.number("t", text));
    }

    @ParameterizedTest
    @NullAndEmptySource
    void no_number_is_none(String text) {
        assertNull(QueryValue.number("t", text));
        assertNull(QueryValue.time("since", text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "1.5", "1e3", " 1", "2147483648", "0x10", "1_000", "--1"})
    void what_is_no_number_is_refused(String text) {
        assertEquals(
                "invalid value for \"t\": parsing \"" + text + "\": invalid syntax",
                assertThrows(InvalidQuery.class, () -> QueryValue.number("t", text))
                        .getMessage());
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"0", "65536", "-1", "x"})
    void numbers_with_bounds(String text) {
        assertThrows(InvalidQuery.class, () -> QueryValue.number("h", text, 1, 65535));
        assertEquals(65535, QueryValue.number("h", "65535", 1, 65535));
    }

    @ParameterizedTest
    @CsvSource({
        "1,1970-01-01T00:00:01Z",
        "1136073600.000000001,2006-01-01T00:00:00.000000001Z",
        "1136073600.5,2006-01-01T00:00:00.5Z",
        "1136073600.1234567899,2006-01-01T00:00:00.123456789Z",
        "-5,1969-12-31T23:59:55Z"
    })
    void times(String text, Instant time) {
        assertEquals(time, QueryValue.time("since", text));
    }

    @Test
    void time_zero_is_none() {
        assertNull(QueryValue.time("since", "0"));
        assertNull(QueryValue.time("since", "0.000000000"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"now", "1.", ".5", "1e60000000", "9999999999999", "2024-01-01T00:00:00Z", "10m"})
    void what_is_no_time_is_refused(String text) {
        assertThrows(InvalidQuery.class, () -> QueryValue.time("since", text));
    }
}
