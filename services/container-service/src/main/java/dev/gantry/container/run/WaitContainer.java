package dev.gantry.container.run;

import dev.gantry.container.state.Changes;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.container.Containers.Condition;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.hibernate.reactive.mutiny.Mutiny;

/** {@code POST /containers/{id}/wait}: the exit code, once the condition holds. */
@ApplicationScoped
public class WaitContainer {
    private final Operations operations;
    private final Mutiny.SessionFactory sessions;
    private final Changes changes;

    WaitContainer(Operations operations, Mutiny.SessionFactory sessions, Changes changes) {
        this.operations = operations;
        this.sessions = sessions;
        this.changes = changes;
    }

    /** Finds the container first, so that its absence can still be told with a status. */
    public Uni<Waiting> begin(String reference, Condition condition) {
        return operations.find(reference).map(found -> new Waiting(found.id, found.exits, exitCode(found), condition));
    }

    /** A wait that has begun. */
    public final class Waiting {
        private final String id;
        private final long exits;
        private final Condition condition;
        private int lastCode;

        private Waiting(String id, long exits, int lastCode, Condition condition) {
            this.id = id;
            this.exits = exits;
            this.lastCode = lastCode;
            this.condition = condition;
        }

        public Uni<Integer> exitCode() {
            return changes.until(id, change -> sessions.withSession(session -> session.find(ContainerEntity.class, id))
                    .map(found -> look(found, change)));
        }

        private Integer look(ContainerEntity found, Changes.Change change) {
            if (change != null) {
                lastCode = change.exitCode();
            }
            if (found == null) {
                return lastCode;
            }
            lastCode = WaitContainer.exitCode(found);
            boolean met =
                    switch (condition) {
                        case NOT_RUNNING -> !(found.state() instanceof ContainerState.Alive) && !isEnding(found);
                        case NEXT_EXIT -> found.exits > exits;
                        case REMOVED -> false;
                    };
            return met ? lastCode : null;
        }
    }

    /** A removal of a running container has an end to come. */
    private static boolean isEnding(ContainerEntity found) {
        return found.state() instanceof ContainerState.Removing removing
                && removing.before() instanceof ContainerState.Alive;
    }

    private static int exitCode(ContainerEntity container) {
        return container.state().history().exitCode();
    }
}
