package dev.gantry.gateway.version;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class VersionedPathTest {
    @Test
    void prefix_is_taken_off_the_path() {
        assertEquals(new VersionedPath(Optional.of("1.41"), "/info"), VersionedPath.of("/v1.41/info"));
        assertEquals(new VersionedPath(Optional.empty(), "/volumes"), VersionedPath.of("/volumes"));
    }

    @Test
    void dot_segments_cannot_lead_elsewhere() {
        assertEquals(
                "/internal/x/json",
                VersionedPath.of("/v1.41/images/%2e%2e/internal/x/json").path());
    }
}
