package dev.gantry.container.run;

import dev.gantry.container.state.Changes;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Liveness;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.EngineErrorMapper;
import dev.gantry.engine.container.Containers.Condition;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/** {@code POST /containers/{id}/wait}: the exit code, once the condition holds. */
@ApplicationScoped
public class WaitContainer {
    private static final Logger LOG = Logger.getLogger(WaitContainer.class);

    /** An agent that is started again tells of what ended meanwhile; one that stays away never tells of an end. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Operations operations;
    private final Mutiny.SessionFactory sessions;
    private final Changes changes;
    private final Liveness liveness;

    WaitContainer(Operations operations, Mutiny.SessionFactory sessions, Changes changes, Liveness liveness) {
        this.operations = operations;
        this.sessions = sessions;
        this.changes = changes;
        this.liveness = liveness;
    }

    /** Finds the container first, so that its absence can still be told with a status. */
    public Uni<Waiting> begin(String reference, Condition condition) {
        return operations.find(reference).map(found -> new Waiting(found, condition));
    }

    /** A wait that has begun. */
    public final class Waiting {
        private final String id;
        private final String host;
        private final long exits;
        private final Condition condition;
        private int lastCode;

        private Waiting(ContainerEntity found, Condition condition) {
            this.id = found.id;
            this.host = found.hostId;
            this.exits = found.exits;
            this.lastCode = WaitContainer.exitCode(found);
            this.condition = condition;
        }

        /** Fails with {@code Unavailable} when the container's host is away for long. */
        public Uni<Integer> exitCode() {
            Uni<Integer> exitCode =
                    changes.until(id, change -> sessions.withSession(session -> session.find(ContainerEntity.class, id))
                            .map(found -> look(found, change))
                            // It may take hours: a database that is away for a while is asked again.
                            .onFailure(EngineErrorMapper::isDatabaseAway)
                            .invoke(away -> LOG.debugf("container %s is looked at later: %s", id, away))
                            .onFailure(EngineErrorMapper::isDatabaseAway)
                            .recoverWithNull());
            return liveness.whileAlive(host, PATIENCE, exitCode);
        }

        private Integer look(ContainerEntity found, Changes.Change change) {
            if (change != null) {
                lastCode = change.exitCode();
            }
            if (found == null) {
                return lastCode;
            }
            // One that was started again since has no exit code in its row any more.
            boolean heard = change != null && change.exits() == found.exits;
            lastCode = heard && found.exits > exits ? change.exitCode() : WaitContainer.exitCode(found);
            boolean met =
                    switch (condition) {
                        // dockerd's answer comes with the first exit, whether or not a restart policy goes on from
                        // there.
                        case NOT_RUNNING ->
                            found.exits > exits || !(found.state() instanceof ContainerState.Alive) && !isEnding(found);
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
