package dev.gantry.agent.log.remote;

import java.io.IOException;
import java.time.Duration;

/** What one container's lines are sent to: an open connection. Blocks; used by one thread, and closed by any. */
public interface LogTarget extends AutoCloseable {
    /**
     * Takes a message over, which may wait in a buffer.
     *
     * @throws IOException when the target is away; nobody knows what came of the messages since the last {@link #flush}
     */
    void send(LogMessage message) throws IOException;

    /** Has everything sent. @throws IOException as {@link #send} */
    void flush() throws IOException;

    /** Ends what is under way, too. */
    @Override
    void close();

    /**
     * What is done about a target that is away.
     *
     * @param pause before the first attempt to reach it again
     * @param factor by which it grows with each attempt
     * @param longest of these
     * @param attempts after which a message is given up
     * @param messages that may wait; the oldest are given up
     */
    record Retry(Duration pause, double factor, Duration longest, long attempts, long messages) {
        static final Retry ALWAYS =
                new Retry(Duration.ofSeconds(1), 1.5, Duration.ofSeconds(30), Long.MAX_VALUE, Long.MAX_VALUE);

        /** @param attempt from 0 on */
        public Duration before(long attempt) {
            double millis = pause.toMillis() * Math.pow(factor, Math.min(attempt, 60));
            return Duration.ofMillis((long) Math.min(millis, longest.toMillis()));
        }
    }
}
