package dev.gantry.engine.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.EngineError;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FiltersTest {
    private static final Set<String> KNOWN = Set.of("label", "name");

    @Test
    void both_spellings_of_the_values_are_understood() {
        assertEquals(
                List.of("a", "b"),
                Filters.parse("{\"name\":[\"a\",\"b\"]}", KNOWN).get("name"));
        assertEquals(
                List.of("a", "b"),
                Filters.parse("{\"name\":{\"a\":true,\"b\":true}}", KNOWN).get("name"));
        assertFalse(Filters.parse("", KNOWN).has("name"));
    }

    @Test
    void value_counts_whatever_truth_is_beside_it() {
        assertEquals(
                List.of("a", "b"),
                Filters.parse("{\"name\":{\"a\":false,\"b\":null}}", KNOWN).get("name"));
        assertFalse(Filters.parse("{\"label\":{\"x\":false}}", KNOWN).labels("label", Map.of("y", "")));
    }

    @Test
    void null_is_nothing_and_an_empty_text() {
        assertEquals(Filters.NONE, Filters.parse("null", KNOWN));
        assertEquals(Filters.NONE, Filters.parse(null, KNOWN));
        assertEquals(List.of(""), Filters.parse("{\"name\":[null]}", KNOWN).get("name"));
        Filters without = Filters.parse("{\"name\":null,\"label\":[\"a\"]}", KNOWN);
        assertTrue(without.isGiven("name"));
        assertFalse(without.has("name"));
        assertTrue(
                Filters.parse("{\"name\":null,\"label\":{\"a\":true}}", KNOWN).has("label"));
    }

    @Test
    void an_unknown_key_is_refused() {
        var unknown = assertThrows(EngineError.BadParameter.class, () -> Filters.parse("{\"bogus\":[\"x\"]}", KNOWN));
        assertEquals("invalid filter 'bogus'", unknown.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " ",
                "bad",
                "{",
                "[]",
                "1",
                "\"name\"",
                "{}x",
                "{\"name\":\"x\"}",
                "{\"name\":[1]}",
                "{\"name\":[[\"x\"]]}",
                "{\"name\":{\"x\":1}}",
                "{\"name\":{\"x\":\"true\"}}",
                "{\"name\":[\"a\"],\"label\":{\"k\":true}}",
                "{\"label\":{\"k\":true},\"name\":[\"a\"]}",
                "{\"bogus\":{\"k\":true},\"name\":[\"a\"]}",
            })
    void what_has_neither_form_is_refused_in_dockerds_words(String text) {
        var malformed = assertThrows(EngineError.BadParameter.class, () -> Filters.parse(text, KNOWN));
        assertEquals("invalid filter", malformed.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"k":["true"]} | true
                    {"k":["1","true"]} | true
                    {"k":["true","x"]} | true
                    {"k":["0"]} | false
                    {"k":{"true":false,"false":true}} | false
                    """)
    void truth_is_read(String text, boolean expected) {
        assertEquals(Optional.of(expected), Filters.read(text).truth("k"));
        assertEquals(Optional.empty(), Filters.read(text).truth("other"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"k":[]} | invalid filter 'k'
                    {"k":null} | invalid filter 'k'
                    {"k":["True"]} | invalid filter 'k=[True]'
                    {"k":["true","false"]} | invalid filter 'k=[true false]'
                    {"k":{"true":false}} | invalid filter 'k=[true]'
                    """)
    void what_is_neither_true_nor_false_is_refused(String text, String message) {
        var refusal = assertThrows(
                EngineError.BadParameter.class, () -> Filters.read(text).truth("k"));
        assertEquals(message, refusal.getMessage());
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
