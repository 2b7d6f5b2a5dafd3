package dev.gantry.agent.network;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/** A line of log that strangers can bring about as often as they like: one in a while, the rest at debug. */
final class SeldomWarning {
    private static final long PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

    private final AtomicLong due = new AtomicLong(System.nanoTime());

    void warn(Logger log, String format, Object... values) {
        long now = System.nanoTime();
        long next = due.get();
        boolean isDue = now - next >= 0 && due.compareAndSet(next, now + PAUSE_NANOS);
        log.logf(isDue ? Logger.Level.WARN : Logger.Level.DEBUG, format, values);
    }
}
