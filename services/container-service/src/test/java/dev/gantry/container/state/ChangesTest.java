package dev.gantry.container.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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

    /** Of a wait that looks because it has waited for long: what happens meanwhile is no less a change. */
    @Test
    void a_change_during_a_look_is_looked_at() {
        long begin = System.nanoTime();
        AtomicLong second = new AtomicLong();

        changes.until("c", () -> switch (looks.incrementAndGet()) {
                    case 1 -> Uni.createFrom().nullItem();
                    case 2 -> {
                        second.set(System.nanoTime());
                        changes.announced("c 0 0 false");
                        yield Uni.createFrom().nullItem();
                    }
                    default -> Uni.createFrom().item("found");
                })
                .await()
                .atMost(Duration.ofSeconds(30));

        assertEquals(3, looks.get());
        assertTrue(second.get() - begin > 1_500_000_000L, "the second look was for the time");
        assertTrue(System.nanoTime() - second.get() < second.get() - begin, "the third was not");
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
