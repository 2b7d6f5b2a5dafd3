package dev.gantry.image.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.EngineError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
    @ParameterizedTest
    @CsvSource({
        "linux/x86_64, linux/amd64",
        "linux/aarch64, linux/arm64",
        "linux/arm64/v8, linux/arm64",
        "arm64, linux/arm64",
        "linux/arm/7, linux/arm/v7",
        "linux/armhf, linux/arm/v7",
        "LINUX/AMD64/V1, linux/amd64"
    })
    void spellings_of_a_platform_are_one(String text, String normalised) {
        assertEquals(normalised, Platform.parse(text).toString());
    }

    @Test
    void nonsense_is_refused() {
        assertThrows(EngineError.BadParameter.class, () -> Platform.parse("linux/amd64/v1/x"));
        assertThrows(EngineError.BadParameter.class, () -> Platform.parse("li nux"));
    }

    @Test
    void a_variant_runs_what_is_older_but_not_what_is_newer() {
        Platform v6 = Platform.parse("linux/arm/v6");

        assertTrue(v6.accepts(Platform.parse("linux/arm/v5")));
        assertFalse(v6.accepts(Platform.parse("linux/arm/v7")));
        assertFalse(v6.accepts(Platform.parse("linux/arm64")));
    }

    @Test
    void an_index_offers_the_closest_manifest() {
        ManifestIndex index = new ManifestIndex(
                2, MediaTypes.OCI_INDEX, List.of(entry("linux/arm/v5"), entry("linux/arm/v6"), entry("linux/arm/v7")));

        assertEquals("linux/arm/v6", chosen(index, "linux/arm/v6"));
        assertEquals("linux/arm/v7", chosen(index, "linux/arm"));
        assertTrue(index.choose(Platform.parse("linux/amd64")).isEmpty());
    }

    private static Descriptor entry(String platform) {
        return new Descriptor(MediaTypes.OCI_MANIFEST, "sha256:x", 1, null, null, Platform.parse(platform));
    }

    private static String chosen(ManifestIndex index, String platform) {
        return index.choose(Platform.parse(platform)).orElseThrow().platform().toString();
    }
}
