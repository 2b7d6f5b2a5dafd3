package dev.gantry.container;

import dev.gantry.container.state.ContainerLookup;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.hibernate.reactive.mutiny.Mutiny;

/** Refuses what Gantry does not have yet: a container that does not exist is not found first. */
@ApplicationScoped
class MissingOperation {
    private final Mutiny.SessionFactory sessions;
    private final ContainerLookup lookup;

    MissingOperation(Mutiny.SessionFactory sessions, ContainerLookup lookup) {
        this.sessions = sessions;
        this.lookup = lookup;
    }

    Uni<Void> from(String container, String what) {
        return sessions.withSession(session -> lookup.find(session, container)).map(_ -> {
            throw new EngineError.NotSupported("not supported yet: " + what);
        });
    }
}
