package dev.gantry.engine.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.EngineError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class FilterPatternTest {
    @Test
    void expression_is_found_anywhere_and_matches_the_whole() {
        FilterPattern pattern = FilterPattern.of("b+").orElseThrow();

        assertTrue(pattern.find("abbc"));
        assertFalse(pattern.matches("abbc"));
        assertTrue(pattern.matches("bb"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[a", "a**", "(?=a)", "(a)\\1", "a{1001}"})
    void what_go_does_not_take_for_an_expression_is_none(String text) {
        assertTrue(FilterPattern.of(text).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((((a{100}){100}){100}){100})",
                "(((a{1000}){1000}){1000}){999999999}",
                "(((a{1,1000}){1,1000}){1,1000})",
                "(((a{1000,}){1000,}){1000,})",
                "a{1000}a{1000}a{1000}a{1000}a{1000}"
            })
    void expression_that_would_fill_the_heap_is_none(String text) {
        assertTrue(FilterPattern.of(text).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
                "^(web|db)-([0-9]{1,3}.){3}[0-9]{1,3}$",
                "a{0}",
                "a{1000}"
            })
    void repetitions_of_reasonable_size_are_expressions(String text) {
        assertTrue(FilterPattern.of(text).isPresent());
    }

    @Test
    void quoted_text_matches_itself_only() {
        FilterPattern pattern = FilterPattern.of(FilterPattern.quote("a.(b")).orElseThrow();

        assertTrue(pattern.find("xa.(by"));
        assertFalse(pattern.find("xa-(by"));
    }

    @Test
    void expression_that_could_try_without_end_does_not() {
        assertFalse(FilterPattern.of("^(a+)+$").orElseThrow().find("a".repeat(5_000) + "b"));
        assertFalse(FilterPattern.of("^(.*a){20}$").orElseThrow().find("a".repeat(5_000) + "b"));
    }

    @Test
    void expression_that_is_too_long_is_refused() {
        assertTrue(FilterPattern.of("a".repeat(1_024)).isPresent());
        EngineError.BadParameter refusal =
                assertThrows(EngineError.BadParameter.class, () -> FilterPattern.of("a".repeat(1_025)));
        assertEquals("invalid filter: a value is longer than 1024 characters", refusal.getMessage());
    }
}
