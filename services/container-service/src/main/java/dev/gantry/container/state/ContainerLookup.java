package dev.gantry.container.state;

import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.regex.Pattern;
import org.hibernate.reactive.mutiny.Mutiny;

/** Finds a container by what a client wrote: full id, name with or without slash, or the beginning of an id. */
@ApplicationScoped
public class ContainerLookup {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{1,64}");
    private static final String BY_NAME =
            "from ContainerEntity c where (c.id = :ref or c.name = :ref) and (c.operation is null or c.operation <>"
                    + " 'create')";
    private static final String BY_NAME_OR_PREFIX =
            "from ContainerEntity c where (c.id = :ref or c.name = :ref or c.id like :prefix)"
                    + " and (c.operation is null or c.operation <> 'create')";

    public Uni<ContainerEntity> find(Mutiny.Session session, String reference) {
        return query(session, reference, LockModeType.NONE);
    }

    /** Finds it and keeps its row locked until the transaction ends; no call to a host may happen meanwhile. */
    public Uni<ContainerEntity> lock(Mutiny.Session session, String reference) {
        return query(session, reference, LockModeType.PESSIMISTIC_WRITE);
    }

    private static Uni<ContainerEntity> query(Mutiny.Session session, String reference, LockModeType lock) {
        String ref = reference.startsWith("/") ? reference.substring(1) : reference;
        if (ref.indexOf('\0') >= 0) {
            throw new EngineError.NotFound("No such container: " + reference.replace('\0', '?'));
        }
        boolean prefix = HEX.matcher(ref).matches();
        Mutiny.SelectionQuery<ContainerEntity> query =
                session.createSelectionQuery(prefix ? BY_NAME_OR_PREFIX : BY_NAME, ContainerEntity.class);
        query.setParameter("ref", ref);
        if (prefix) {
            query.setParameter("prefix", ref + "%").setMaxResults(3);
        }
        if (lock != LockModeType.NONE) {
            query.setLockMode(lock);
        }
        return query.getResultList().map(found -> choose(found, ref, reference));
    }

    private static ContainerEntity choose(List<ContainerEntity> found, String ref, String asked) {
        for (ContainerEntity container : found) {
            if (container.id.equals(ref)) {
                return container;
            }
        }
        for (ContainerEntity container : found) {
            if (container.name.equals(ref)) {
                return container;
            }
        }
        if (found.isEmpty()) {
            throw new EngineError.NotFound("No such container: " + asked);
        }
        if (found.size() > 1) {
            throw new EngineError.BadParameter("Multiple IDs found with provided prefix: " + asked);
        }
        return found.getFirst();
    }
}
