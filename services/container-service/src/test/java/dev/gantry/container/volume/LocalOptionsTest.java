package dev.gantry.container.volume;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Wordings were asked of dockerd 26.1.5. */
class LocalOptionsTest {
    private static void refused(String message, Map<String, String> options) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> LocalOptions.check("v1", options));
        assertEquals("create v1: " + message, error.getMessage());
    }

    @Test
    void what_is_no_option_is_refused() {
        refused("invalid option: \"zz\"", Map.of("zz", "x"));
        refused("quota size requested but no quota support", Map.of("size", "1g"));
        refused("invalid size: 'abc'", Map.of("size", "abc"));
        refused("invalid size: '-1'", Map.of("size", "-1"));
        refused("missing required option: \"device\"", Map.of("type", "tmpfs"));
        refused("missing required option: \"type\"", Map.of("device", "/x", "o", "bind"));
    }

    @Test
    void what_is_to_be_mounted_is_not_looked_at() {
        assertDoesNotThrow(
                () -> LocalOptions.check("v1", Map.of("type", "none", "device", "/no/such", "o", "bind,zz=1")));
        assertDoesNotThrow(() -> LocalOptions.check("v1", Map.of("size", "0")));
        assertDoesNotThrow(() -> LocalOptions.check("v1", Map.of()));
        assertDoesNotThrow(() -> LocalOptions.check("v1", null));
    }
}
