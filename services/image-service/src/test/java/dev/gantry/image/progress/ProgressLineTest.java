package dev.gantry.image.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ProgressLineTest {
    @Test
    void lines_are_as_dockerd_writes_them() {
        assertEquals(
                "{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"fadbca912578\"}\r\n",
                ProgressLine.layer("Pulling fs layer", "fadbca912578").encoded());
        assertEquals(
                "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":36445,\"total\":1069230},"
                        + "\"progress\":\"[=>                                                 ]  36.45kB/1.069MB\","
                        + "\"id\":\"fadbca912578\"}\r\n",
                ProgressLine.layer("Downloading", "fadbca912578", 36445, 1069230)
                        .encoded());
        assertEquals(
                "{\"errorDetail\":{\"message\":\"no\"},\"error\":\"no\"}\r\n",
                ProgressLine.failure("no").encoded());
    }
}
