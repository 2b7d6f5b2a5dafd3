package dev.gantry.agent.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CleanPathTest {
    @ParameterizedTest
    @CsvSource({
        "'', /",
        "/, /",
        "/.., /",
        "../../etc, /etc",
        "/a/../../../tmp/x, /tmp/x",
        "a/./b//c/, /a/b/c",
        "/a/.../b, /a/.../b",
        "a/.., /",
    })
    void leads_nowhere_above_the_root(String path, String clean) {
        assertEquals(clean, CleanPath.of(path));
    }

    @Test
    void what_the_kernel_would_cut_short_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> CleanPath.of("/a\0b"));
        assertThrows(IllegalArgumentException.class, () -> CleanPath.of("/" + "a".repeat(CleanPath.LONGEST)));
    }

    @Test
    void within_means_whole_components() {
        assertTrue(CleanPath.isWithin("/proc", "/proc"));
        assertTrue(CleanPath.isWithin("/proc/sys", "/proc"));
        assertFalse(CleanPath.isWithin("/process", "/proc"));
        assertTrue(CleanPath.isWithin("/x", "/"));
    }
}
