package dev.gantry.agent.stdio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.AgentFailure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DetachKeysTest {
    private final ByteBuf output = Unpooled.buffer();

    private String passed() {
        return output.toString(StandardCharsets.ISO_8859_1);
    }

    private static ByteBuf typed(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    @Test
    void names_are_read_as_docker_reads_them() {
        assertArrayEquals(new byte[] {16, 17}, DetachKeys.parse(""));
        assertArrayEquals(new byte[] {'a', 2, 0, 27}, DetachKeys.parse("a,ctrl-b,ctrl-@,ctrl-["));
        assertArrayEquals(new byte[] {28, 29, 30, 31}, DetachKeys.parse("ctrl-\\,ctrl-],ctrl-^,ctrl-_"));
    }

    @Test
    void other_names_are_refused() {
        AgentFailure failure = assertThrows(AgentFailure.class, () -> DetachKeys.parse("ctrl-1"));

        assertEquals(AgentFailure.Code.BAD_REQUEST, failure.code());
        assertEquals("Invalid detach keys (ctrl-1) provided", failure.getMessage());
        assertThrows(AgentFailure.class, () -> DetachKeys.parse("ab"));
        assertThrows(AgentFailure.class, () -> DetachKeys.parse("a,"));
    }

    @Test
    void sequence_detaches_and_what_was_typed_before_passes() {
        DetachKeys keys = new DetachKeys(DetachKeys.parse(""));

        assertTrue(keys.scan(typed("ls\n\u0010\u0011more"), output));

        assertEquals("ls\n", passed());
    }

    @Test
    void sequence_may_come_in_pieces() {
        DetachKeys keys = new DetachKeys(DetachKeys.parse(""));

        assertFalse(keys.scan(typed("x\u0010"), output));
        assertEquals("x", passed());
        assertTrue(keys.scan(typed("\u0011"), output));
        assertEquals("x", passed());
    }

    @Test
    void broken_sequence_passes_after_all() {
        DetachKeys keys = new DetachKeys(DetachKeys.parse(""));

        assertFalse(keys.scan(typed("\u0010a\u0010"), output));
        assertEquals("\u0010a", passed());
        assertFalse(keys.scan(typed("b"), output));
        assertEquals("\u0010a\u0010b", passed());
    }

    @Test
    void sequence_that_begins_anew_within_itself_is_found() {
        DetachKeys keys = new DetachKeys(DetachKeys.parse("a,a,b"));

        assertTrue(keys.scan(typed("aaab"), output));

        assertEquals("a", passed());
    }
}
