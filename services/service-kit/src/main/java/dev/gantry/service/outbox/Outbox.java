package dev.gantry.service.outbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.service.fact.Fact;
import io.smallrye.mutiny.Uni;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Writes facts in the transaction of the state they tell of, into the table {@code outbox} of the service's own schema.
 * {@link OutboxRelay} publishes the rows and deletes them.
 */
public final class Outbox {
    private final String schema;
    private final FittingEvent events;

    /** @param schema the service's schema, a constant of ours: it becomes part of SQL text */
    public Outbox(String schema, ObjectMapper json) {
        this.schema = schema;
        this.events = new FittingEvent(json, "/gantry/" + schema + "-service");
    }

    /** Adds the fact to the session's transaction, with who asked for it, and wakes the relay when that commits. */
    public Uni<Void> append(Mutiny.Session session, Fact fact) {
        String insert = "with added as (insert into " + schema
                + ".outbox (id, topic, subject, event) values (:id, :topic, :subject, :event) returning position)"
                + " select cast(pg_notify('" + schema + "_outbox', '') as text) from added";
        return session.createNativeQuery(insert, String.class)
                .setParameter("id", fact.id())
                .setParameter("topic", fact.topic())
                .setParameter("subject", fact.subject())
                .setParameter("event", events.of(fact))
                .getResultList()
                .replaceWithVoid();
    }
}
