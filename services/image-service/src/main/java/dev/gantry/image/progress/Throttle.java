package dev.gantry.image.progress;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Turns a count that grows with every buffer into ten lines a second, and one when it is complete. */
public final class Throttle implements LongConsumer {
    private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

    private final String status;
    private final String id;
    private final long total;
    private final Consumer<ProgressLine> progress;
    private long next;
    private long reported = -1;

    public Throttle(String status, String id, long total, Consumer<ProgressLine> progress) {
        this.status = status;
        this.id = id;
        this.total = total;
        this.progress = progress;
        this.next = System.nanoTime();
    }

    @Override
    public void accept(long current) {
        long now = System.nanoTime();
        boolean due = now - next >= 0 || current >= total;
        if (due && current != reported) {
            next = now + INTERVAL;
            reported = current;
            progress.accept(ProgressLine.layer(status, id, current, total));
        }
    }
}
