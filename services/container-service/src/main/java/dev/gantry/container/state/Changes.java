package dev.gantry.container.state;

import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Wakes whoever waits for a container to change, on every replica: changes are told by NOTIFY in the transaction that
 * makes them. A waiter looks at the row, and when it does not like what it sees, waits for the next change; it looks
 * again by itself now and then, less and less often, so that a lost notification delays it but does not hang it, and
 * hundreds that wait for weeks cost the database next to nothing.
 */
@ApplicationScoped
public class Changes {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    private static final Duration LOOK_AGAIN_LATE = Duration.ofSeconds(32);
    private final Map<String, Set<Watch>> watches = new ConcurrentHashMap<>();

    /**
     * @param exits how often the main process has ended
     * @param exitCode the last exit's
     * @param removed whether the row is gone
     */
    public record Change(String id, long exits, int exitCode, boolean removed) {
        static Change of(ContainerEntity container, boolean removed) {
            return new Change(
                    container.id, container.exits, container.state().history().exitCode(), removed);
        }

        /** A start sets the exit code to 0: until the next exit, whoever waits for one shall get that of the last. */
        private Change after(Change before) {
            boolean restarted = before != null && before.exits == exits && exitCode == 0;
            return restarted ? new Change(id, exits, before.exitCode, removed) : this;
        }

        String encode() {
            return id + " " + exits + " " + exitCode + " " + removed;
        }

        static Change decode(String text) {
            String[] words = text.split(" ", 4);
            return new Change(
                    words[0], Long.parseLong(words[1]), Integer.parseInt(words[2]), Boolean.parseBoolean(words[3]));
        }
    }

    /** What a statement that changes the row itself tells on {@link Replica#CHANNEL}. */
    public String notice(ContainerEntity container) {
        return Change.of(container, false).encode();
    }

    /** Tells of the row as it will be when the session's transaction commits. */
    public Uni<Void> tell(Mutiny.Session session, ContainerEntity container) {
        return tell(session, Change.of(container, false));
    }

    public Uni<Void> tellRemoved(Mutiny.Session session, ContainerEntity container) {
        return tell(session, Change.of(container, true));
    }

    private static Uni<Void> tell(Mutiny.Session session, Change change) {
        return session.createNativeQuery(
                        "select cast(pg_notify('" + Replica.CHANNEL + "', :change) as text)", String.class)
                .setParameter("change", change.encode())
                .getResultList()
                .replaceWithVoid();
    }

    /**
     * Looks at once, and again after each change of the container, until {@code look} finds something (non-null).
     *
     * @param look gets the last change heard of since this call, null at first
     */
    public <T> Uni<T> until(String id, Function<Change, Uni<T>> look) {
        return Uni.createFrom().deferred(() -> {
            Watch watch = open(id);
            // Repeated and not nested: what each look left behind would stay until the last.
            return Multi.createBy()
                    .repeating()
                    .uni(() -> look(watch, look))
                    .whilst(Optional::isEmpty)
                    .collect()
                    .last()
                    .map(Optional::orElseThrow)
                    .onTermination()
                    .invoke(() -> close(id, watch));
        });
    }

    public <T> Uni<T> until(String id, Supplier<Uni<T>> look) {
        return until(id, change -> look.get());
    }

    /** What was found; when it was nothing, only after the next change. */
    private static <T> Uni<Optional<T>> look(Watch watch, Function<Change, Uni<T>> look) {
        return look.apply(watch.last())
                .chain(found -> found != null
                        ? Uni.createFrom().item(Optional.of(found))
                        : Background.here(watch.changed()).replaceWith(Optional.<T>empty()));
    }

    private Watch open(String id) {
        Watch watch = new Watch();
        watches.compute(id, (key, set) -> {
            Set<Watch> open = set == null ? ConcurrentHashMap.newKeySet() : set;
            open.add(watch);
            return open;
        });
        return watch;
    }

    private void close(String id, Watch watch) {
        watches.computeIfPresent(id, (key, set) -> {
            set.remove(watch);
            return set.isEmpty() ? null : set;
        });
    }

    /** How many wait now. */
    public int waiting() {
        return watches.values().stream().mapToInt(Set::size).sum();
    }

    void announced(String payload) {
        Change change = Change.decode(payload);
        watches.getOrDefault(change.id(), Set.of()).forEach(watch -> watch.offer(change));
    }

    void missedSome() {
        watches.values().forEach(set -> set.forEach(watch -> watch.offer(null)));
    }

    /** One waiter. A change that comes while it looks makes it look once more. */
    private static final class Watch {
        private Change last;
        private boolean changed;
        private CompletableFuture<Void> sleeper;
        private final long begin = System.nanoTime();

        synchronized void offer(Change change) {
            last = change == null ? last : change.after(last);
            // One that was woken by its time limit is looking now, maybe at what was before.
            if (sleeper == null || !sleeper.complete(null)) {
                changed = true;
            }
            sleeper = null;
        }

        synchronized Change last() {
            return last;
        }

        synchronized CompletableFuture<Void> changed() {
            if (changed) {
                changed = false;
                return CompletableFuture.completedFuture(null);
            }
            sleeper = new CompletableFuture<>();
            long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            sleeper.completeOnTimeout(
                    null,
                    Math.clamp(waited / 4, LOOK_AGAIN.toMillis(), LOOK_AGAIN_LATE.toMillis()),
                    TimeUnit.MILLISECONDS);
            return sleeper;
        }
    }
}
