package dev.gantry.container.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.mutiny.Uni;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChangesTest {
    private static final int LOOKS = 200_000;

    private final Changes changes = new Changes();
    private final AtomicInteger looks = new AtomicInteger();

    @Test
    void a_long_wait_leaves_nothing_behind_of_its_looks() {
        AtomicInteger deepest = new AtomicInteger();

        Integer found = changes.until("c", () -> {
                    int look = looks.incrementAndGet();
                    if (look % 1000 == 0) {
                        deepest.accumulateAndGet(new Throwable().getStackTrace().length, Math::max);
                    }
                    changes.announced("c 0 0 false");
                    return Uni.createFrom().item(look == LOOKS ? look : null);
                })
                .await()
                .indefinitely();

        assertEquals(LOOKS, found);
        assertTrue(deepest.get() < 500, "calls within each other: " + deepest);
        assertEquals(0, changes.waiting());
    }

    @Test
    void a_change_wakes_and_says_what_it_was() {
        var result = changes.until(
                        "c", change -> Uni.createFrom().item(change != null && change.exitCode() == 7 ? change : null))
                .subscribeAsCompletionStage();
        assertEquals(1, changes.waiting());

        changes.announced("other 1 7 false");
        changes.announced("c 1 7 true");

        assertEquals(new Changes.Change("c", 1, 7, true), result.join());
        assertEquals(0, changes.waiting());
    }

    @Test
    void a_wait_that_is_given_up_looks_no_more() {
        var waiting = changes.until("c", () -> {
                    looks.incrementAndGet();
                    return Uni.createFrom().nullItem();
                })
                .subscribe()
                .with(found -> {});

        waiting.cancel();
        changes.announced("c 0 0 false");

        assertEquals(0, changes.waiting());
        assertEquals(1, looks.get());
    }

    @Test
    void a_failure_ends_it() {
        var result = changes.until("c", () -> Uni.createFrom().failure(new IllegalStateException("broken")))
                .subscribeAsCompletionStage();

        assertTrue(result.isCompletedExceptionally());
        assertEquals(0, changes.waiting());
    }
}
