package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerNamesTest {
    @ParameterizedTest
    @CsvSource({"aa, aa", "/aa, aa", "A.B_c-9, A.B_c-9", "a.., a..", "0a, 0a", "a-, a-"})
    void name_without_slash(String asked, String name) {
        assertEquals(name, ContainerNames.check(asked));
    }

    @Test
    void name_may_be_long() {
        assertEquals("x".repeat(300), ContainerNames.check("x".repeat(300)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "a",
                "/a",
                "//aa",
                "_a",
                ".a",
                "-a",
                "..",
                "../aa",
                "a/b",
                "aa/",
                "a b",
                " aa",
                "aa ",
                "a:b",
                "a@b",
                "ää",
                "aä",
                "а\u0430",
                "a\n",
                "aa\n",
                "aa\u0000",
                "a\u0000b",
                "aa\u200b",
                "%61a",
                "a\\b",
                "$aa",
                "aa;"
            })
    void refused_as_by_dockerd(String name) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> ContainerNames.check(name));

        assertEquals(
                "Invalid container name (" + name + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
                error.getMessage());
    }

    @Test
    void holder_of_a_taken_name_is_told() {
        assertEquals(
                "Conflict. The container name \"/web\" is already in use by container \"cafe\". You have to remove"
                        + " (or rename) that container to be able to reuse that name.",
                ContainerNames.taken("web", "cafe").getMessage());
    }

    @Test
    void generated_names_are_names_and_differ() {
        Random random = new Random(1);
        Set<String> names = new HashSet<>();

        for (int i = 0; i < 2000; i++) {
            String name = NameGenerator.next(random, i % 2);
            assertEquals(name, ContainerNames.check(name));
            assertEquals(2, name.split("_").length);
            names.add(name);
        }

        assertEquals(true, names.size() > 1500, "only " + names.size() + " different names");
    }

    @Test
    void digit_is_added_from_the_third_attempt_on() {
        assertEquals(false, Character.isDigit(last(NameGenerator.next(new Random(1), 1))));
        assertEquals(true, Character.isDigit(last(NameGenerator.next(new Random(1), 2))));
        assertEquals(true, Character.isDigit(last(NameGenerator.next(new Random(1), Integer.MAX_VALUE))));
    }

    private static char last(String name) {
        return name.charAt(name.length() - 1);
    }
}
