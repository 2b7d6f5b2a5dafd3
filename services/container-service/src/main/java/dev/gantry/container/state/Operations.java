package dev.gantry.container.state;

import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiFunction;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Short transactions on one container. A start, an update or a change of its networks that is under way is waited for, without holding anything:
 * the row's {@code operation} says that it is, and its end is a change that wakes the waiter.
 */
@ApplicationScoped
public class Operations {
    /** How long a host may take to report an end that it has confirmed. */
    private static final Duration REPORT_DELAY = Duration.ofSeconds(10);

    private final Mutiny.SessionFactory sessions;
    private final ContainerLookup lookup;
    private final Changes changes;
    private final Liveness liveness;

    Operations(Mutiny.SessionFactory sessions, ContainerLookup lookup, Changes changes, Liveness liveness) {
        this.sessions = sessions;
        this.lookup = lookup;
        this.changes = changes;
        this.liveness = liveness;
    }

    /** What a step found: {@code value}, or another operation under way on {@code busy}. */
    private record Step<T>(ContainerEntity busy, T value) {}

    /**
     * Runs {@code step} in one transaction with the row locked, once neither is under way. One that waits for a host
     * that is away fails it with {@code Unavailable}.
     */
    public <T> Uni<T> idle(String reference, BiFunction<Mutiny.Session, ContainerEntity, Uni<T>> step) {
        return attempt(reference, step).chain(outcome -> {
            if (outcome.busy() == null) {
                return Uni.createFrom().item(outcome.value());
            }
            ContainerEntity busy = outcome.busy();
            Uni<T> later = changes.until(
                            busy.id, () -> attempt(busy.id, step).map(again -> again.busy() == null ? again : null))
                    .map(Step::value);
            return liveness.whileAlive(busy.hostId, Liveness.PATIENCE, later);
        });
    }

    private <T> Uni<Step<T>> attempt(String reference, BiFunction<Mutiny.Session, ContainerEntity, Uni<T>> step) {
        return sessions.withTransaction(
                session -> lookup.lock(session, reference).chain(container -> {
                    if (container.operation() != null && container.operation().passes()) {
                        return Uni.createFrom().item(new Step<T>(container, null));
                    }
                    return step.apply(session, container).map(value -> new Step<>(null, value));
                }));
    }

    /** Runs {@code step} in one transaction with the row locked, whatever is under way. */
    public <T> Uni<T> locked(String reference, BiFunction<Mutiny.Session, ContainerEntity, Uni<T>> step) {
        return sessions.withTransaction(
                session -> lookup.lock(session, reference).chain(container -> step.apply(session, container)));
    }

    /**
     * As {@link #locked}, for what a host has done already: nothing when the container has ended and was removed before
     * that could be noted, as short ones do that remove themselves.
     */
    public Uni<Void> ifThere(String id, BiFunction<Mutiny.Session, ContainerEntity, Uni<Void>> step) {
        return locked(id, step).onFailure(EngineError.NotFound.class).recoverWithNull();
    }

    public Uni<ContainerEntity> find(String reference) {
        return sessions.withSession(session -> lookup.find(session, reference));
    }

    /**
     * Waits until the container's process is gone, as reported; the row may be gone with it. Gives up silently after a
     * while: a host that lost the container will never report its end.
     */
    public Uni<Void> ended(String id) {
        Instant limit = Instant.now().plus(REPORT_DELAY);
        return changes.until(id, () -> sessions.withSession(session -> session.find(ContainerEntity.class, id))
                        .map(container -> {
                            boolean ended =
                                    container == null || !(container.observed() instanceof ContainerState.Alive);
                            return ended || Instant.now().isAfter(limit) ? Boolean.TRUE : null;
                        }))
                .replaceWithVoid();
    }
}
