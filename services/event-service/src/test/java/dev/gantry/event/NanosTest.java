package dev.gantry.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NanosTest {
    private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "12, 12000000000",
        "12.5, 12500000000",
        "12.000000001, 12000000001",
        "12.0000000019, 12000000001",
        "-5, 0",
        "2026-01-01T00:00:00Z, 1767225600000000000",
        "2026-01-01T01:00:00.000000007+01:00, 1767225600000000007",
        "1h, 1767225600000000000",
        "59m60s, 1767225600000000000",
    })
    void what_clients_send_is_understood(String text, long nanos) {
        assertEquals(nanos, Nanos.parse(text, NOW));
    }

    @Test
    void nothing_is_no_bound() {
        assertEquals(-1, Nanos.parse("", NOW));
        assertEquals(-1, Nanos.parse(null, NOW));
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "1.x", "1h2", "2026-13-01T00:00:00Z", "99999999999999999999"})
    void anything_else_is_refused(String text) {
        assertThrows(EngineError.BadParameter.class, () -> Nanos.parse(text, NOW));
    }
}
