package dev.gantry.agent.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.AgentFailure;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OperationsTest {
    private final Operations operations = new Operations();
    private final AtomicInteger calls = new AtomicInteger();

    @Test
    void repeat_gets_the_first_result() {
        assertEquals(1, operations.once("id", Integer.class, calls::incrementAndGet));
        assertEquals(1, operations.once("id", Integer.class, calls::incrementAndGet));
    }

    @Test
    void operation_that_failed_is_done_again() {
        AgentFailure failure = new AgentFailure(AgentFailure.Code.CONFLICT, "paused");

        assertSame(
                failure,
                assertThrows(
                        AgentFailure.class,
                        () -> operations.once("id", () -> {
                            throw failure;
                        })));

        assertEquals(1, operations.once("id", Integer.class, calls::incrementAndGet));
    }

    @Test
    void operation_that_ended_with_an_error_is_done_again() {
        OutOfMemoryError error = new OutOfMemoryError("Java heap space");

        assertSame(
                error,
                assertThrows(
                        OutOfMemoryError.class,
                        () -> operations.once("id", () -> {
                            throw error;
                        })));

        assertEquals(1, operations.once("id", Integer.class, calls::incrementAndGet));
    }
}
