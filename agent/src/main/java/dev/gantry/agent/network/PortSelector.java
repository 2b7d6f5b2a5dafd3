package dev.gantry.agent.network;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jboss.logging.Logger;

/** One thread that waits on the sockets of all published ports: there may be tens of thousands of them. */
final class PortSelector implements Closeable {
    private static final Logger LOG = Logger.getLogger(PortSelector.class);

    private final Selector selector;
    private final Queue<CompletableFuture<Void>> closings = new ConcurrentLinkedQueue<>();

    PortSelector() throws IOException {
        this.selector = Selector.open();
        Thread.ofPlatform().daemon().name("published-ports").start(this::run);
    }

    /** A published port's socket; what it does when something comes must not wait for anybody. */
    interface Port extends Closeable {
        SelectableChannel channel();

        /** {@code OP_ACCEPT} or {@code OP_READ}. */
        int awaited();

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
                selector.select(PortSelector::serve);
                if (!closings.isEmpty()) {
                    // Sockets of keys that were cancelled are closed by the next selection, not by the one under way.
                    CompletableFuture<Void> closed = closings.poll();
                    selector.selectNow(PortSelector::serve);
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

    private static void serve(SelectionKey key) {
        try {
            ((Port) key.attachment()).ready();
        } catch (IOException e) {
            LOG.debugf("published port: %s", e.getMessage());
        } catch (CancelledKeyException e) {
            LOG.debug("a published port was given back");
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
