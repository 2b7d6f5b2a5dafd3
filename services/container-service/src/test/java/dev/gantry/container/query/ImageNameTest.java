package dev.gantry.container.query;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ImageNameTest {
    private static final String ID = "sha256:" + "ab".repeat(32);

    @Test
    void reference_is_shown_while_it_means_the_image() {
        assertEquals("busybox", ImageName.shown("busybox", ID, List.of("busybox:latest")));
        assertEquals("a:5000/b:1", ImageName.shown("a:5000/b:1", ID, List.of("a:5000/b:1")));
        assertEquals(
                "docker.io/library/busybox",
                ImageName.shown("docker.io/library/busybox", ID, List.of("busybox:latest")));
    }

    @Test
    void id_is_shown_once_the_reference_moved_on() {
        assertEquals(ID, ImageName.shown("busybox", ID, List.of("other:latest")));
        assertEquals(ID, ImageName.shown("busybox", ID, null));
    }

    @Test
    void what_was_created_by_id_stays_so() {
        assertEquals("abab", ImageName.shown("abab", ID, List.of()));
    }
}
