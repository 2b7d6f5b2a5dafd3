package dev.gantry.service.outbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.service.fact.Fact;
import io.smallrye.mutiny.Uni;
import java.util.Map;
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
                + ".outbox (id, topic, subject, event) values (:fact, :topic, :subject, :event) returning position)"
                + woken();
        return with(session.createNativeQuery(insert, String.class), fact)
                .getResultList()
                .replaceWithVoid();
    }

    /**
     * Changes the state and adds the fact in one statement, which needs no transaction around it.
     *
     * @param change an {@code update ... returning ...} of at most one row, with named parameters
     * @return whether it changed anything; when not, there is no fact either
     */
    public Uni<Boolean> append(Mutiny.Session session, String change, Map<String, Object> values, Fact fact) {
        String both = "with changed as (" + change + "), added as (insert into " + schema
                + ".outbox (id, topic, subject, event) select cast(:fact as uuid), :topic, :subject, :event"
                + " from changed returning position)" + woken();
        Mutiny.SelectionQuery<String> query = with(session.createNativeQuery(both, String.class), fact);
        values.forEach(query::setParameter);
        return query.getResultList().map(woken -> !woken.isEmpty());
    }

    private String woken() {
        return " select cast(pg_notify('" + schema + "_outbox', '') as text) from added";
    }

    private Mutiny.SelectionQuery<String> with(Mutiny.SelectionQuery<String> query, Fact fact) {
        return query.setParameter("fact", fact.id())
                .setParameter("topic", fact.topic())
                .setParameter("subject", fact.subject())
                .setParameter("event", events.of(fact));
    }
}
