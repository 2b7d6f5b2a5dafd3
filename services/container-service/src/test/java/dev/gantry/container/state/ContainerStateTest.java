package dev.gantry.container.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.container.create.ContainerNames;
import dev.gantry.container.create.NameGenerator;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ContainerStateTest {
    private static final Instant AT = Instant.parse("2026-01-01T12:00:00.123456Z");

    @Test
    void stopped_container_keeps_its_exit_code() {
        ContainerState.Running running = new ContainerState.Created(History.NONE).started(AT, 42, 0);
        ContainerState.Exited exited = running.exited(new ContainerState.Exit(AT.plusSeconds(5), 7, true, ""));

        assertEquals(7, exited.history().exitCode());
        assertTrue(exited.history().oomKilled());
        assertEquals(AT, exited.history().startedAt());
    }

    @Test
    void another_start_forgets_exit_code_and_error() {
        ContainerState.Created failed = new ContainerState.Created(History.NONE).failed(127, "no such program");
        ContainerState.Running running = failed.started(AT, 42, 0);

        assertEquals("", running.history().error());
        assertEquals(0, running.history().exitCode());
    }

    @Test
    void row_gives_back_the_state_it_was_given() {
        ContainerEntity row = new ContainerEntity();
        row.desire(Desired.RUNNING);
        ContainerState.Running running = new ContainerState.Created(History.NONE).started(AT, 42, 3);

        row.become(running);
        assertEquals(running, row.state());
        row.become(running.paused());
        assertEquals(running.paused(), row.state());
        row.desire(Desired.REMOVED);
        assertInstanceOf(ContainerState.Removing.class, row.state());
        assertEquals(running.paused(), row.observed());
    }

    @Test
    void generated_names_are_valid_and_have_two_parts() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            String name = NameGenerator.next(random, 0);
            assertEquals(name, ContainerNames.check(name));
            assertEquals(2, name.split("_").length);
        }
        assertFalse(NameGenerator.next(random, 5).matches("[a-z]+_[a-z]+"));
    }
}
