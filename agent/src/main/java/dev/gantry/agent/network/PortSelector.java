package dev.gantry.agent.network;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** One thread that waits on the sockets of all published ports: there may be tens of thousands of them. */
final class PortSelector implements Closeable {
    private static final Logger LOG = Logger.getLogger(PortSelector.class);

    private static final Duration PAUSE = Duration.ofMillis(200);

    private static final SeldomWarning FAILED = new SeldomWarning();

    private final Selector selector;

    /** How long a port that failed is left alone. */
    private final Duration pause;

    /** In the order of their ends, which only the selecting thread knows. */
    private final Queue<Paused> paused = new ArrayDeque<>();

    private final Queue<CompletableFuture<Void>> closings = new ConcurrentLinkedQueue<>();

    PortSelector() throws IOException {
        this(PAUSE);
    }

    PortSelector(Duration pause) throws IOException {
        this.pause = pause;
        this.selector = Selector.open();
        Thread.ofPlatform().daemon().name("published-ports").start(this::run);
    }

    private record Paused(SelectionKey key, long until) {}

    /** A published port's socket; what it does when something comes must not wait for anybody. */
    interface Port extends Closeable {
        SelectableChannel channel();

        /** {@code OP_ACCEPT} or {@code OP_READ}. */
        int awaited();

        /**
         * Takes what came.
         *
         * @throws IOException when it cannot be taken now, as without free file descriptors: what is announced stays so,
         *     and is tried again after a pause
         */
        void ready() throws IOException;
    }

    /** From now on the ports are served. */
    void add(Collection<? extends Port> ports) throws IOException {
        for (Port port : ports) {
            port.channel().configureBlocking(false);
            port.channel().register(selector, port.awaited(), port);
        }
        selector.wakeup();
    }

    /** Closes the sockets; the ports are free when it returns, which takes the selecting thread's help. */
    void remove(Collection<? extends Port> ports) {
        for (Port port : ports) {
            try {
                port.close();
            } catch (IOException e) {
                LOG.debug("socket", e);
            }
        }
        CompletableFuture<Void> deregistered = new CompletableFuture<>();
        closings.add(deregistered);
        selector.wakeup();
        if (!selector.isOpen()) {
            finishClosings();
        }
        deregistered.join();
    }

    private void run() {
        while (selector.isOpen()) {
            try {
                selector.select(this::serve, resume());
                if (!closings.isEmpty()) {
                    // Sockets of keys that were cancelled are closed by the next selection, not by the one under way.
                    CompletableFuture<Void> closed = closings.poll();
                    selector.selectNow(this::serve);
                    closed.complete(null);
                    selector.wakeup();
                }
            } catch (ClosedSelectorException e) {
                break;
            } catch (IOException e) {
                LOG.warn("published ports", e);
            }
        }
        finishClosings();
    }

    private void finishClosings() {
        for (CompletableFuture<Void> left = closings.poll(); left != null; left = closings.poll()) {
            left.complete(null);
        }
    }

    /** @return how many milliseconds there are until the next can be resumed; 0 for none that waits */
    private long resume() {
        long now = System.nanoTime();
        while (!paused.isEmpty() && paused.peek().until() - now <= 0) {
            SelectionKey key = paused.poll().key();
            try {
                key.interestOps(((Port) key.attachment()).awaited());
            } catch (CancelledKeyException e) {
                LOG.debug("a published port was given back while it paused");
            }
        }
        return paused.isEmpty()
                ? 0
                : Math.max(1, TimeUnit.NANOSECONDS.toMillis(paused.peek().until() - now));
    }

    private void serve(SelectionKey key) {
        try {
            serve(key, (Port) key.attachment());
        } catch (CancelledKeyException e) {
            LOG.debug("a published port was given back");
        }
    }

    private void serve(SelectionKey key, Port port) {
        try {
            port.ready();
        } catch (IOException e) {
            FAILED.warn(LOG, "a published port pauses: %s", e.getMessage());
            key.interestOps(0);
            paused.add(new Paused(key, System.nanoTime() + pause.toNanos()));
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
