package dev.gantry.image.content;

import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Deletes blobs that no image names. A blob is first marked as being deleted, so that no operation may take it into
 * use, then looked for in the database, then deleted: an operation that wants it meanwhile waits and finds it missing.
 */
@ApplicationScoped
public class ContentCollector {
    private static final Logger LOG = Logger.getLogger(ContentCollector.class);

    private final ContentStore store;
    private final ContentLeases leases;
    private final Mutiny.SessionFactory sessions;

    ContentCollector(ContentStore store, ContentLeases leases, Mutiny.SessionFactory sessions) {
        this.store = store;
        this.leases = leases;
        this.sessions = sessions;
    }

    /** Deletes those of the blobs that nothing needs. What cannot be deleted now is found by the next sweep. */
    public Uni<Void> collect(Collection<String> digests) {
        return Multi.createFrom()
                .iterable(digests)
                .onItem()
                .transformToUniAndConcatenate(this::collect)
                .collect()
                .asList()
                .replaceWithVoid()
                .onFailure()
                .invoke(e -> LOG.warnf("unused content remains: %s", e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    /** Looks at every blob in the store. */
    public Uni<Void> sweep() {
        return VertxContextSupport.executeBlocking(store::list)
                .onFailure()
                .invoke(e -> LOG.warnf("content store not swept: %s", e.getMessage()))
                .onFailure()
                .recoverWithItem(List.of())
                .chain(this::collect);
    }

    private Uni<Void> collect(String digest) {
        if (!leases.beginDelete(digest)) {
            return Uni.createFrom().voidItem();
        }
        return unreferenced(digest)
                .chain(unused -> unused ? delete(digest) : Uni.createFrom().voidItem())
                .onTermination()
                .invoke(() -> leases.endDelete(digest));
    }

    private Uni<Boolean> unreferenced(String digest) {
        return sessions.withStatelessSession(session -> session.createQuery(
                        "select count(*) from ImageContentEntity c where c.id.digest = :digest", Long.class)
                .setParameter("digest", digest)
                .getSingleResult()
                .map(count -> count == 0));
    }

    private Uni<Void> delete(String digest) {
        return VertxContextSupport.executeBlocking(() -> {
            store.delete(digest);
            return null;
        });
    }
}
