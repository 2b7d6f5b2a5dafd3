package dev.gantry.engine.tls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TlsAtStartTest {
    @Test
    void handshake_begins_without_a_peer() throws Exception {
        assertTrue(TlsAtStart.firstMessage() > 0);
    }
}
