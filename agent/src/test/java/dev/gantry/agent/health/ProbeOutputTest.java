package dev.gantry.agent.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProbeOutputTest {
    private final ProbeOutput output = new ProbeOutput();

    @Test
    void the_first_4096_bytes_are_kept() {
        output.add("x".repeat(4095).getBytes(StandardCharsets.US_ASCII));
        output.add("y".getBytes(StandardCharsets.US_ASCII));
        assertEquals("x".repeat(4095) + "y", output.text());

        output.add("z".repeat(10_000).getBytes(StandardCharsets.US_ASCII));
        assertEquals("x".repeat(4095) + "y...", output.text());
    }

    @Test
    void each_byte_that_is_none_of_utf_8_is_replaced() {
        output.add(new byte[] {'a', (byte) 0xff, (byte) 0xe2, (byte) 0x82, 'b', 0});
        output.add("\u20ac".getBytes(StandardCharsets.UTF_8));
        output.add(new byte[] {(byte) 0xe2, (byte) 0x82});

        assertEquals("a\ufffd\ufffd\ufffdb\0\u20ac\ufffd\ufffd", output.text());
    }
}
