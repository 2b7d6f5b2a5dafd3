package dev.gantry.image.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import org.junit.jupiter.api.Test;

class ImageConfigTest {
    @Test
    void nul_character_is_refused_before_any_database_sees_it() {
        var refusal = assertThrows(EngineError.BadParameter.class, () -> parse("a\\u0000b"));

        assertEquals("invalid image JSON: a string contains a NUL character", refusal.getMessage());
        assertThrows(EngineError.BadParameter.class, () -> parse("\\\\\\u0000"));
    }

    /** As in the history of an image that was built with {@code tr '\0' ' '}, written out. */
    @Test
    void text_that_only_looks_like_one_is_text() {
        assertEquals(
                "\\u0000", parse("\\\\u0000").json().at("/history/0/created_by").asText());
    }

    private static ImageConfig parse(String createdBy) {
        return ImageConfig.parse("{\"rootfs\":{\"diff_ids\":[]},\"history\":[{\"created_by\":\"" + createdBy + "\"}]}");
    }
}
