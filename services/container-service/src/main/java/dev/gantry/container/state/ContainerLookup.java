package dev.gantry.container.state;

import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.hibernate.reactive.mutiny.Mutiny;

/** Finds a container by what a client wrote: full id, name with or without slash, or the beginning of an id. */
@ApplicationScoped
public class ContainerLookup {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{1,64}");
    private static final int WHOLE_ID = 64;
    private static final String BY_NAME =
            "from ContainerEntity c where c.name = :ref and (c.operation is null or c.operation <> 'create')";
    private static final String BY_NAME_OR_PREFIX = "from ContainerEntity c where (c.name = :ref or c.id like :prefix)"
            + " and (c.operation is null or c.operation <> 'create')"
            + " order by case when c.name = :ref then 0 else 1 end";

    /**
     * What a client wrote.
     *
     * @param reference as it wrote it
     * @param text without a leading slash
     * @param prefix the same when it may be the beginning of an id, else null
     */
    public record Asked(String reference, String text, String prefix) {
        /** Fails with {@code NotFound} when nothing can be called that. */
        public static Asked of(String reference) {
            String text = reference.startsWith("/") ? reference.substring(1) : reference;
            if (text.indexOf('\0') >= 0) {
                throw new EngineError.NotFound("No such container: " + reference.replace('\0', '?'));
            }
            return new Asked(reference, text, HEX.matcher(text).matches() ? text : null);
        }

        /** Whether it may be a whole id, which names and beginnings of others yield to. */
        public boolean isId() {
            return prefix != null && prefix.length() == WHOLE_ID;
        }

        /** The one that was found. */
        public <T> T only(List<T> found) {
            if (found.isEmpty()) {
                throw new EngineError.NotFound("No such container: " + reference);
            }
            if (found.size() > 1) {
                throw new EngineError.BadParameter("Multiple IDs found with provided prefix: " + reference);
            }
            return found.getFirst();
        }
    }

    public Uni<ContainerEntity> find(Mutiny.Session session, String reference) {
        return query(session, Asked.of(reference), LockModeType.NONE);
    }

    /** Finds it and keeps its row locked until the transaction ends; no call to a host may happen meanwhile. */
    public Uni<ContainerEntity> lock(Mutiny.Session session, String reference) {
        return query(session, Asked.of(reference), LockModeType.PESSIMISTIC_WRITE);
    }

    private static Uni<ContainerEntity> query(Mutiny.Session session, Asked asked, LockModeType lock) {
        if (!asked.isId()) {
            return byNameOrPrefix(session, asked, lock);
        }
        return session.find(ContainerEntity.class, asked.text(), lock)
                .chain(found -> found != null && found.operation() != Operation.CREATE
                        ? Uni.createFrom().item(found)
                        : byNameOrPrefix(session, asked, lock));
    }

    private static Uni<ContainerEntity> byNameOrPrefix(Mutiny.Session session, Asked asked, LockModeType lock) {
        if (asked.prefix() == null) {
            Mutiny.SelectionQuery<ContainerEntity> query =
                    session.createSelectionQuery(BY_NAME, ContainerEntity.class).setParameter("ref", asked.text());
            return (lock == LockModeType.NONE ? query : query.setLockMode(lock))
                    .getResultList()
                    .map(asked::only);
        }
        if (lock == LockModeType.NONE) {
            return ordered(session, BY_NAME_OR_PREFIX, asked, ContainerEntity.class)
                    .map(found -> choose(found, asked, container -> container.name));
        }
        // Rows of others, whose ids only begin alike, are not locked.
        return ordered(session, "select c.id, c.name " + BY_NAME_OR_PREFIX, asked, Object[].class)
                .map(found -> choose(found, asked, row -> (String) row[1]))
                .chain(row -> session.find(ContainerEntity.class, row[0], lock))
                .map(found -> asked.only(found == null ? List.of() : List.of(found)));
    }

    private static <T> Uni<List<T>> ordered(Mutiny.Session session, String query, Asked asked, Class<T> type) {
        return session.createSelectionQuery(query, type)
                .setParameter("ref", asked.text())
                .setParameter("prefix", asked.prefix() + "%")
                .setMaxResults(2)
                .getResultList();
    }

    /** A name wins over beginnings of ids, of which there must be one. */
    private static <T> T choose(List<T> found, Asked asked, Function<T, String> name) {
        return !found.isEmpty() && name.apply(found.getFirst()).equals(asked.text())
                ? found.getFirst()
                : asked.only(found);
    }
}
