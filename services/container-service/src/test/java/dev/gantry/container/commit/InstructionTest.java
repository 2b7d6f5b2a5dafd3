package dev.gantry.container.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstructionTest {
    private static final List<String> ENVIRONMENT = List.of("A=1", "EMPTY=");

    @Test
    void continued_lines_are_one_and_comments_none() {
        List<Instruction> found = Instruction.parse("# c\nLABEL a=b \\\n# between\n\n c=d\n  cmd x\r\nENV A=1 \\");

        assertEquals(
                List.of("LABEL", "CMD", "ENV"),
                found.stream().map(Instruction::name).toList());
        assertEquals("a=b  c=d", found.getFirst().rest());
        assertEquals("x", found.get(1).rest());
        assertEquals("A=1", found.getLast().rest());
    }

    @Test
    void the_escape_may_be_another() {
        assertEquals(
                "a b", Instruction.parse("# escape=`\nCMD a `\nb").getFirst().rest());
        assertThrows(EngineError.BadParameter.class, () -> Instruction.parse("# escape=x\nCMD a"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "$A         ~ 1",
                "${A}b      ~ 1b",
                "'$A'       ~ $A",
                "\"$A x\"   ~ 1 x",
                "\\$A       ~ $A",
                "$          ~ $",
                "${NO:-${A}} ~ 1",
                "${EMPTY:-x} ~ x",
                "${EMPTY-x} ~ ``",
                "${A+x}     ~ x",
                "${EMPTY:+x} ~ ``",
                "${A:?no}   ~ 1",
                "a\\         ~ a"
            })
    void words_are_expanded(String word, String value) {
        assertEquals(value, ShellWord.expand(word, ENVIRONMENT));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {"${", "${A", "${}", "\"a", "'a", "${A:", "${A:-", "${A%x}", "${NO?}"})
    void broken_words_are_refused(String word) {
        assertThrows(EngineError.BadParameter.class, () -> ShellWord.expand(word, ENVIRONMENT));
    }

    @Test
    void deep_words_are_refused_rather_than_overflowing() {
        assertThrows(EngineError.BadParameter.class, () -> ShellWord.expand("${N:-".repeat(200_000), ENVIRONMENT));
    }
}
