package dev.gantry.agent.host;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Platform threads for calls that block in C. On a virtual thread such a call would hold one of the few carriers, and a
 * stuck program would stop everything else.
 */
public final class HostThreads {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("host-", 0).factory());

    private HostThreads() {}

    /** Runs {@code work}, which sees to its own failures, and does not wait. */
    public static void start(Runnable work) {
        THREADS.execute(work);
    }

    /** Runs {@code work} and waits for it. */
    public static <T> T call(Callable<T> work) throws IOException {
        try {
            return call(work, Long.MAX_VALUE);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param timeoutMillis after which the work goes on unattended */
    public static <T> T call(Callable<T> work, long timeoutMillis) throws IOException, TimeoutException {
        Future<T> future = THREADS.submit(work);
        try {
            return future.get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
