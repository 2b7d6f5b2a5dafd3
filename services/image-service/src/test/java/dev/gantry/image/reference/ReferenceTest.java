package dev.gantry.image.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.EngineError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
    private static final String HEX = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox:latest, busybox:latest",
        "busybox:1.36, docker.io/library/busybox:1.36, busybox:1.36",
        "team/app, docker.io/team/app:latest, team/app:latest",
        "docker.io/busybox, docker.io/library/busybox:latest, busybox:latest",
        "index.docker.io/library/busybox, docker.io/library/busybox:latest, busybox:latest",
        "localhost/app, localhost/app:latest, localhost/app:latest",
        "localhost:5000/a/b/c:x, localhost:5000/a/b/c:x, localhost:5000/a/b/c:x",
        "127.0.0.1:5000/app, 127.0.0.1:5000/app:latest, 127.0.0.1:5000/app:latest",
        "[::1]:5000/app, [::1]:5000/app:latest, [::1]:5000/app:latest",
        "Registry.example/app__x, Registry.example/app__x:latest, Registry.example/app__x:latest",
        "docker.io/library/a/b, docker.io/library/a/b:latest, library/a/b:latest"
    })
    void names_are_normalised_and_shown_short(String text, String stored, String shown) {
        Reference reference = Reference.parse(text).tagged();

        assertEquals(stored, reference.name());
        assertEquals(shown, reference.familiar());
    }

    @Test
    void a_digest_takes_the_place_of_a_default_tag() {
        Reference reference = Reference.parse("busybox@sha256:" + HEX).tagged();

        assertEquals("busybox@sha256:" + HEX, reference.familiar());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "-a",
                "a/",
                "a//b",
                "a..b",
                "a___b",
                "a:",
                "a:-x",
                "a@sha256:12",
                "/a",
                "a:b:c",
                "../a",
                "a\n"
            })
    void what_breaks_the_grammar_is_refused(String text) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> Reference.parse(text));

        assertEquals("invalid reference format", error.getMessage());
    }

    @Test
    void upper_case_and_ids_are_refused_with_the_reason() {
        assertEquals(
                "invalid reference format: repository name (library/Busybox) must be lowercase", message("Busybox"));
        assertEquals("invalid repository name (" + HEX + "), cannot specify 64-byte hexadecimal strings", message(HEX));
        assertEquals("repository name must not be more than 255 characters", message("a/" + "b".repeat(250)));
        assertEquals("unsupported digest algorithm", message("a@md5:" + "0".repeat(32)));
    }

    @Test
    void identifiers_are_told_from_names() {
        assertTrue(Reference.isIdentifier(HEX));
        assertTrue(Reference.isIdentifier("sha256:" + HEX));
        assertFalse(Reference.isIdentifier(HEX.substring(1)));
    }

    @ParameterizedTest
    @CsvSource({
        "busybox, busybox:1, true",
        "busy*, busybox:1, true",
        "*:1, busybox:1, true",
        "*, team/app:1, false",
        "*/*, team/app:1, true",
        "b?sy[a-c]ox:1, busybox:1, true",
        "busybox:2, busybox:1, false",
        "docker.io/library/busybox, busybox:1, false",
        "*************************************************x, yaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, false"
    })
    void patterns_match_familiar_names(String pattern, String name, boolean expected) {
        assertEquals(expected, ReferencePattern.of(pattern).matches(Reference.parse(name)));
    }

    private static String message(String text) {
        return assertThrows(EngineError.class, () -> Reference.parse(text)).getMessage();
    }
}
