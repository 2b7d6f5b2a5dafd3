package dev.gantry.service.row;

import io.smallrye.mutiny.Uni;
import org.hibernate.reactive.mutiny.Mutiny;

/** Single rows. */
public final class Rows {
    private Rows() {}

    /**
     * Deletes an entity's row. {@code Mutiny.Session.remove} must not be used: Hibernate Reactive 3.2's {@code
     * ReactiveDeleteCoordinator} keeps the result of the delete under way in a field that all sessions share, so that of
     * two at once one never completes and the other does so in the wrong session.
     *
     * @param entity managed by the session, of a class named as its entity; detached afterwards
     */
    public static Uni<Void> delete(Mutiny.Session session, Object entity) {
        String delete = "delete from " + entity.getClass().getSimpleName() + " row where row = :entity";
        return session.flush()
                .chain(() -> session.createMutationQuery(delete)
                        .setParameter("entity", entity)
                        .executeUpdate())
                .invoke(() -> session.detach(entity))
                .replaceWithVoid();
    }
}
