package dev.gantry.agent.stats;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerStats;
import dev.gantry.agent.container.Containers;
import dev.gantry.agent.container.Containers.Run;
import dev.gantry.agent.host.HostFacts;
import dev.gantry.agent.linux.FileLimit;
import dev.gantry.agent.network.HostNetwork;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Reads what containers use, once a second each however many read along, on one thread for all. A container's first reading
 * is at once, so that nobody waits for more than a second for the second one. The thread ends when nobody reads.
 */
@ApplicationScoped
class StatsCollector {
    private static final Logger LOG = Logger.getLogger(StatsCollector.class);
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    /** What is due so soon is read along: fewer wakings. */
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(50);

    /** Of the files that the agent may have open, how many these may be: a fourth. */
    private static final int SHARE = 4;

    private final Containers containers;
    private final HostNetwork network;
    private final long memory;
    /** So many containers may keep their files open. */
    private final long mostOpen = FileLimit.most() / SHARE / Meter.FILES;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock, and so are the thread, and the last reading and the readers of each. */
    private final Map<String, Watched> watched = new HashMap<>();

    private Thread thread;
    private boolean stopped;

    StatsCollector(Containers containers, HostNetwork network) throws IOException {
        this.containers = containers;
        this.network = network;
        this.memory = HostFacts.totalMemory();
    }

    /** Whoever reads along, called by one thread at a time. */
    interface Reader {
        /** Told of the reading that there was when it came, if any. */
        void begin(ContainerStats last);

        /** @return whether it wants more */
        boolean take(ContainerStats reading);

        /** The container is gone. */
        void end();
    }

    /** Reads once, at once. */
    ContainerStats once(String id) throws IOException {
        Optional<Run> run = containers.runOf(id);
        if (run.isEmpty()) {
            return ContainerStats.NONE;
        }
        KernelText text = new KernelText();
        try (Meter meter = new Meter(id, run.get(), network, text)) {
            return meter.read(Processors.read(text), memory);
        }
    }

    void add(String id, Reader reader) {
        lock.lock();
        try {
            Watched container = watched.computeIfAbsent(id, Watched::new);
            if (container.last != null) {
                reader.begin(container.last);
            }
            container.readers.add(reader);
            if (thread == null && !stopped) {
                thread = Thread.ofPlatform().daemon().name("stats").start(this::run);
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    void remove(String id, Reader reader) {
        lock.lock();
        try {
            Watched container = watched.get(id);
            if (container != null) {
                container.readers.remove(reader);
            }
        } finally {
            lock.unlock();
        }
    }

    @PreDestroy
    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        KernelText text = new KernelText();
        try {
            for (List<Watched> due = awaitDue(); !due.isEmpty(); due = awaitDue()) {
                Processors processors = Processors.read(text);
                for (Watched container : due) {
                    if (drop(container)) {
                        container.close();
                    } else {
                        container.read(processors, text);
                    }
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("containers' usage is no longer read", e);
            abandon();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abandon();
        }
    }

    /** Waits until something is to be read; nothing when nobody wants anything, and this thread is done. */
    private List<Watched> awaitDue() throws InterruptedException {
        lock.lock();
        try {
            while (!stopped && !watched.isEmpty()) {
                long now = System.nanoTime();
                List<Watched> due = new ArrayList<>();
                long next = INTERVAL;
                for (Watched container : watched.values()) {
                    long left = container.due - now;
                    next = Math.min(next, left);
                    if (left <= SOON) {
                        due.add(container);
                    }
                }
                if (next <= 0) {
                    due.forEach(container -> container.due = now + INTERVAL);
                    return due;
                }
                long ignored = changed.awaitNanos(next);
            }
            thread = null;
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    /** Nobody has read along since the last reading. */
    private boolean drop(Watched container) {
        lock.lock();
        try {
            return container.readers.isEmpty() && watched.remove(container.id, container);
        } finally {
            lock.unlock();
        }
    }

    private void abandon() {
        List<Watched> left;
        lock.lock();
        try {
            thread = null;
            left = List.copyOf(watched.values());
            watched.clear();
        } finally {
            lock.unlock();
        }
        left.forEach(container -> {
            container.close();
            container.readers.forEach(Reader::end);
        });
    }

    /** A container that is read. */
    private final class Watched {
        private final String id;
        private final List<Reader> readers = new ArrayList<>();
        private ContainerStats last;
        private long due = System.nanoTime();
        /** Null while it does not run; of the thread alone. */
        private Meter meter;

        Watched(String id) {
            this.id = id;
        }

        void read(Processors processors, KernelText text) {
            ContainerStats reading;
            try {
                reading = reading(containers.runOf(id), processors, text);
            } catch (AgentFailure gone) {
                tell(null).forEach(Reader::end);
                return;
            }
            for (Reader reader : tell(reading)) {
                if (!taken(reader, reading)) {
                    remove(id, reader);
                }
            }
        }

        private ContainerStats reading(Optional<Run> run, Processors processors, KernelText text) {
            if (meter != null && !run.filter(meter::isOf).isPresent()) {
                close();
            }
            if (run.isEmpty()) {
                return ContainerStats.NONE;
            }
            try {
                if (meter == null) {
                    meter = new Meter(id, run.get(), network, text);
                }
                ContainerStats read = meter.read(processors, memory);
                closeIfMany();
                return read;
            } catch (IOException ended) {
                LOG.debugf(ended, "usage of container %s", id);
                close();
                return ContainerStats.NONE;
            } catch (RuntimeException odd) {
                if (last != ContainerStats.NONE) {
                    LOG.warnf(odd, "usage of container %s cannot be read", id);
                }
                close();
                return ContainerStats.NONE;
            }
        }

        /** Open files make a reading cheap, but others need some, too. */
        private void closeIfMany() {
            lock.lock();
            try {
                if (watched.size() > mostOpen) {
                    close();
                }
            } finally {
                lock.unlock();
            }
        }

        private static boolean taken(Reader reader, ContainerStats reading) {
            try {
                return reader.take(reading);
            } catch (RuntimeException e) {
                LOG.debug("a reader of usage left", e);
                return false;
            }
        }

        /** Whoever comes from now on knows this reading. @param reading null when the container is gone */
        private List<Reader> tell(ContainerStats reading) {
            lock.lock();
            try {
                if (reading == null) {
                    watched.remove(id, this);
                    close();
                }
                last = reading;
                return List.copyOf(readers);
            } finally {
                lock.unlock();
            }
        }

        private void close() {
            if (meter != null) {
                meter.close();
                meter = null;
            }
        }
    }
}
