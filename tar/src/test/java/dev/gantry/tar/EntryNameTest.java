package dev.gantry.tar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class EntryNameTest {
    @Test
    void names_are_cleaned() throws IOException {
        assertEquals(new EntryName("usr/bin", "env"), EntryName.parse("./usr//bin/./env"));
        assertEquals(new EntryName("etc", "passwd"), EntryName.parse("/etc/passwd"));
        assertEquals(new EntryName("", "b"), EntryName.parse("a/../b/"));
    }

    @Test
    void root_has_no_base() throws IOException {
        assertTrue(EntryName.parse("./").isRoot());
        assertTrue(EntryName.parse("/").isRoot());
        assertTrue(EntryName.parse("").isRoot());
    }

    @Test
    void names_above_the_root_are_refused() {
        for (String name : new String[] {"..", "../x", "/../x", "a/../../x", "a/b/../../../x"}) {
            assertThrows(IOException.class, () -> EntryName.parse(name), name);
        }
    }

    @Test
    void names_that_no_filesystem_has_are_refused() {
        assertThrows(IOException.class, () -> EntryName.parse("a\0b"));
        assertThrows(IOException.class, () -> EntryName.parse("x".repeat(256)));
        assertThrows(IOException.class, () -> EntryName.parse("d/".repeat(3000)));
    }
}
