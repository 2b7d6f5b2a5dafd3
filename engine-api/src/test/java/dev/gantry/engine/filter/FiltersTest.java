package dev.gantry.engine.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.EngineError;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FiltersTest {
    private static final Set<String> KNOWN = Set.of("label", "name");

    @Test
    void both_spellings_of_the_values_are_understood() {
        assertEquals(
                List.of("a", "b"),
                Filters.parse("{\"name\":[\"a\",\"b\"]}", KNOWN).get("name"));
        assertEquals(
                List.of("a"),
                Filters.parse("{\"name\":{\"a\":true,\"b\":false}}", KNOWN).get("name"));
        assertFalse(Filters.parse("", KNOWN).has("name"));
    }

    @Test
    void an_unknown_key_and_malformed_text_are_refused() {
        var unknown = assertThrows(EngineError.BadParameter.class, () -> Filters.parse("{\"bogus\":[\"x\"]}", KNOWN));
        assertEquals("invalid filter 'bogus'", unknown.getMessage());
        assertThrows(EngineError.BadParameter.class, () -> Filters.parse("bad", KNOWN));
        assertThrows(EngineError.BadParameter.class, () -> Filters.parse("[]", KNOWN));
        assertThrows(EngineError.BadParameter.class, () -> Filters.parse("{\"name\":\"x\"}", KNOWN));
    }

    @Test
    void every_label_must_match_but_any_other_value_does() {
        Filters filters = Filters.parse("{\"label\":[\"a\",\"b=1\"],\"name\":[\"x\",\"y\"]}", KNOWN);

        assertTrue(filters.labels("label", Map.of("a", "", "b", "1")));
        assertFalse(filters.labels("label", Map.of("a", "")));
        assertFalse(filters.labels("label", Map.of("a", "", "b", "2")));
        assertTrue(filters.exact("name", "y"));
        assertFalse(filters.exact("name", "yes"));
        assertTrue(filters.prefix("name", "yes"));
        assertFalse(filters.prefix("name", null));
    }
}
