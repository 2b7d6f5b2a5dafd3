package dev.gantry.agent.dns;

import dev.gantry.agent.linux.FileLimit;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;

/**
 * Answers the questions over UDP of all containers of this host, on one thread: what is known is answered at once, and
 * everything else waits for other servers without holding anything up.
 */
final class NameServer implements Closeable {
    private static final Logger LOG = Logger.getLogger(NameServer.class);

    /** What dockerd asks of other servers at the same time for one container; more is refused. */
    private static final int MOST_PENDING = 1024;

    /** Of all containers together: each is an open file, and the agent needs others. A sixteenth of them is for this. */
    private static final int MOST_PENDING_OF_ALL = (int) Math.min(4096, FileLimit.most() / 16);

    /** What a container may ask if there is any left: of the rest, nobody gets more than half. */
    private static final int FEW_PENDING = 8;

    private static final int LARGEST = 65_535;

    /** After an error, which may come again at once. */
    private static final long PAUSE_NANOS = 10_000_000;

    /** Questions of one container that are answered before others have their turn. */
    private static final int BURST = 64;

    private final Selector selector = Selector.open();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(LARGEST);

    /** In the order of their ends: all have the same patience. */
    private final SequencedSet<Pending> waits = new LinkedHashSet<>();

    private int pendingOfAll;

    NameServer() throws IOException {
        Thread.ofPlatform().daemon().name("names").start(this::run);
    }

    /** A container's socket. What it may ask for is looked up with each question. */
    private final class Client {
        private final DatagramChannel channel;
        private final Supplier<Asker> asker;
        private final Supplier<Upstream> upstream;
        private int pending;

        Client(DatagramChannel channel, Supplier<Asker> asker, Supplier<Upstream> upstream) {
            this.channel = channel;
            this.asker = asker;
            this.upstream = upstream;
        }

        void read() throws IOException {
            for (int i = 0; i < BURST; i++) {
                buffer.clear();
                SocketAddress from = channel.receive(buffer);
                if (from == null) {
                    return;
                }
                byte[] wire = new byte[buffer.flip().remaining()];
                buffer.get(wire);
                take(wire, from);
            }
        }

        private void take(byte[] wire, SocketAddress from) throws IOException {
            Message query = Question.read(wire).orElse(null);
            if (query == null) {
                byte[] refusal = Question.refusal(wire).orElse(null);
                if (refusal != null) {
                    channel.send(ByteBuffer.wrap(refusal), from);
                }
                return;
            }
            Optional<Message> answer = Answers.answer(query, asker.get(), ThreadLocalRandom.current());
            if (answer.isPresent()) {
                channel.send(ByteBuffer.wrap(answer.get().toWire(Answers.limit(query))), from);
            } else if (pending >= most()) {
                channel.send(
                        ByteBuffer.wrap(Answers.refuse(query, Rcode.REFUSED).toWire()), from);
            } else {
                pending++;
                pendingOfAll++;
                ask(new Pending(query, wire, from, channel, upstream.get(), this::ended));
            }
        }

        private int most() {
            int left = MOST_PENDING_OF_ALL - pendingOfAll;
            return left <= 0 ? 0 : Math.clamp(left / 2, FEW_PENDING, MOST_PENDING);
        }

        private void ended() {
            pending--;
            pendingOfAll--;
        }
    }

    /**
     * Answers what comes to a socket, until it is closed.
     *
     * @param channel bound, in the container's namespace
     */
    void serve(DatagramChannel channel, Supplier<Asker> asker, Supplier<Upstream> upstream) throws IOException {
        channel.configureBlocking(false);
        tasks.add(() -> {
            try {
                channel.register(selector, SelectionKey.OP_READ, new Client(channel, asker, upstream));
            } catch (IOException e) {
                LOG.debugf("a name server's socket was closed: %s", e.getMessage());
            }
        });
        selector.wakeup();
    }

    /** Call it when a socket was closed: while the selector sleeps it keeps it open, and with it the container's namespace. */
    void letGo() {
        selector.wakeup();
    }

    private void run() {
        while (selector.isOpen()) {
            try {
                selector.select(this::ready, patience());
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                giveUpLate();
            } catch (ClosedSelectorException e) {
                LOG.debug("the name server ends");
            } catch (IOException | RuntimeException e) {
                // It serves all containers: what one question does to it must not end it.
                LOG.error("the name server goes on after an error", e);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Milliseconds until there is something to give up; 0 for never. */
    private long patience() {
        return waits.isEmpty() ? 0 : Math.max(1, (waits.getFirst().until() - System.nanoTime()) / 1_000_000);
    }

    private void giveUpLate() {
        long now = System.nanoTime();
        while (!waits.isEmpty() && waits.getFirst().until() - now <= 0) {
            ask(waits.getFirst());
        }
    }

    private void ready(SelectionKey key) {
        try {
            switch (key.attachment()) {
                case Client client -> client.read();
                case Pending pending -> {
                    switch (pending.read(buffer)) {
                        case WAIT -> {}
                        case NEXT -> ask(pending);
                        case DONE -> waits.remove(pending);
                    }
                }
                default -> throw new IllegalStateException("a key of nobody");
            }
        } catch (IOException | CancelledKeyException e) {
            // The socket was closed: its container is gone.
            key.cancel();
        } catch (RuntimeException e) {
            LOG.warn("a question is not answered", e);
        }
    }

    private void ask(Pending pending) {
        waits.remove(pending);
        if (pending.ask(selector)) {
            waits.add(pending);
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
