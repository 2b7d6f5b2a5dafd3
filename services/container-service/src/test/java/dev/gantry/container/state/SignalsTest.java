package dev.gantry.container.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalsTest {
    @ParameterizedTest
    @CsvSource({"TERM,15", "sigkill,9", "9,9", "SIGRTMIN+3,37", "RTMAX-1,63", "64,64", "USR2,12", "WINCH,28"})
    void known_by_name_and_number(String text, int number) {
        assertEquals(number, Signals.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ZZ", "0", "SIGRTMIN+99", "99999999999", ""})
    void unknown_is_refused(String text) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> Signals.parse(text));

        assertEquals("invalid signal: " + text, error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"65", "-1", "99999"})
    void numbers_of_no_signal_are_refused_in_other_words(String text) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> Signals.parse(text));

        assertEquals("the linux daemon does not support signal " + text, error.getMessage());
    }
}
