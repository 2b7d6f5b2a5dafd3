package dev.gantry.service.database;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SilentDatabaseTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @AfterEach
    void answer() {
        SilentDatabase.answered("test");
    }

    @Test
    void database_is_silent_after_an_answer_is_outstanding_at_several_looks() {
        for (int look = 1; look < SilentDatabase.PATIENCE; look++) {
            SilentDatabase.outstanding("test", look * SECOND);
        }
        assertFalse(SilentDatabase.isSilent());

        SilentDatabase.outstanding("test", SilentDatabase.PATIENCE * SECOND);
        assertTrue(SilentDatabase.isSilent());

        SilentDatabase.answered("test");
        assertFalse(SilentDatabase.isSilent());
    }

    @Test
    void process_that_was_held_up_itself_does_not_blame_the_database() {
        SilentDatabase.outstanding("test", SECOND);
        for (int look = 0; look < 10 * SilentDatabase.PATIENCE; look++) {
            SilentDatabase.outstanding("test", 60 * SECOND + look);
        }

        assertFalse(SilentDatabase.isSilent());
    }
}
