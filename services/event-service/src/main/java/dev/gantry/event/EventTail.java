package dev.gantry.event;

import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The newest part of the log in memory, the same on every replica: what this process appended and, read from the table,
 * what others did. Subscribers are woken and read on from their own position, here or in the table when they are slow.
 */
@ApplicationScoped
class EventTail {
    private static final Logger LOG = Logger.getLogger(EventTail.class);
    private static final int KEPT = 2048;
    private static final int PAGE = 500;

    private final EventLog log;
    private final Set<Runnable> subscribers = ConcurrentHashMap.newKeySet();

    private List<LogEntry> entries = new ArrayList<>();
    private long last = -1;
    private boolean catchingUp;
    private boolean more;

    EventTail(EventLog log) {
        this.log = log;
    }

    /** Number of the newest entry that subscribers were told of. */
    Uni<Long> position() {
        synchronized (this) {
            if (last >= 0) {
                return Uni.createFrom().item(last);
            }
        }
        return log.last().map(this::begin);
    }

    private synchronized long begin(long number) {
        if (last < 0) {
            last = number;
        }
        return last;
    }

    synchronized long last() {
        return last;
    }

    /** Entries after a number, at most some hundreds; none of them when the number is too old to be in memory. */
    synchronized Optional<List<LogEntry>> after(long number) {
        if (number >= last) {
            return Optional.of(List.of());
        }
        long first = last - entries.size() + 1;
        if (number + 1 < first) {
            return Optional.empty();
        }
        int from = (int) (number + 1 - first);
        return Optional.of(List.copyOf(entries.subList(from, Math.min(from + PAGE, entries.size()))));
    }

    void subscribe(Runnable wake) {
        subscribers.add(wake);
    }

    void unsubscribe(Runnable wake) {
        subscribers.remove(wake);
    }

    /** Takes what this process has just appended; when others wrote in between, reads that from the table. */
    void appended(List<LogEntry> stored) {
        if (!stored.isEmpty() && !extend(stored)) {
            catchUp(stored.getLast().number());
        }
    }

    /** Reads up to a number that another replica announced. */
    void catchUp(long announced) {
        long from;
        synchronized (this) {
            if (last < 0 || announced <= last) {
                return;
            }
            if (catchingUp) {
                more = true;
                return;
            }
            catchingUp = true;
            from = last;
        }
        log.page(from, Long.MAX_VALUE, PAGE).subscribe().with(this::caughtUp, e -> {
            LOG.warnf("cannot read new events, trying again: %s", e.getMessage());
            caughtUp(List.of());
        });
    }

    private void caughtUp(List<LogEntry> page) {
        boolean again;
        synchronized (this) {
            catchingUp = false;
            again = page.size() == PAGE || (more && !page.isEmpty());
            more = false;
        }
        extend(page);
        if (again) {
            catchUp(Long.MAX_VALUE);
        }
    }

    /** False when entries are missing in between. */
    private boolean extend(List<LogEntry> added) {
        synchronized (this) {
            begin(added.isEmpty() ? 0 : added.getFirst().number() - 1);
            for (LogEntry entry : added) {
                if (entry.number() > last + 1) {
                    return false;
                }
                if (entry.number() == last + 1) {
                    entries.add(entry);
                    last++;
                }
            }
            if (entries.size() > 2 * KEPT) {
                entries = new ArrayList<>(entries.subList(entries.size() - KEPT, entries.size()));
            }
        }
        subscribers.forEach(Runnable::run);
        return true;
    }
}
