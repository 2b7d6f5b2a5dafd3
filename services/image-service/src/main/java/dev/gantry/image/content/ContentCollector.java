package dev.gantry.image.content;

import dev.gantry.service.work.Background;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Deletes blobs that no image names. Blobs are first marked as being deleted, so that no operation may take them into
 * use, then looked for in the database, then deleted: an operation that wants one meanwhile waits and finds it missing.
 */
@ApplicationScoped
public class ContentCollector {
    private static final Logger LOG = Logger.getLogger(ContentCollector.class);

    private final ContentStore store;
    private final ContentLeases leases;
    private final Mutiny.SessionFactory sessions;
    private final Background background;

    ContentCollector(ContentStore store, ContentLeases leases, Mutiny.SessionFactory sessions, Background background) {
        this.store = store;
        this.leases = leases;
        this.sessions = sessions;
        this.background = background;
    }

    /**
     * Deletes those of the blobs that nothing needs. Never fails: what cannot be deleted now is found by the next
     * sweep. May be subscribed to on any thread, and goes on when cancelled.
     */
    public Uni<Void> collect(Collection<String> digests) {
        return digests.isEmpty() ? Uni.createFrom().voidItem() : background.await(() -> delete(marked(digests)));
    }

    /** Looks at every blob in the store. */
    public void sweep() {
        VertxContextSupport.subscribeWith(
                () -> VertxContextSupport.executeBlocking(store::list)
                        .chain(this::collect)
                        .onFailure()
                        .invoke(e -> LOG.warnf("content store not swept: %s", e.getMessage()))
                        .onFailure()
                        .recoverWithNull()
                        .toMulti(),
                ignored -> {});
    }

    private Set<String> marked(Collection<String> digests) {
        Set<String> marked = new HashSet<>(digests);
        marked.removeIf(digest -> !leases.beginDelete(digest));
        return marked;
    }

    private Uni<Void> delete(Set<String> marked) {
        return referenced(marked)
                .chain(referenced -> VertxContextSupport.executeBlocking(() -> {
                    for (String digest : marked) {
                        if (!referenced.contains(digest)) {
                            store.delete(digest);
                        }
                    }
                    return (Void) null;
                }))
                .onFailure()
                .invoke(e -> LOG.warnf("unused content remains: %s", e.getMessage()))
                .onFailure()
                .recoverWithNull()
                .onTermination()
                .invoke(() -> marked.forEach(leases::endDelete));
    }

    private Uni<Set<String>> referenced(Set<String> digests) {
        // A session of its own: the context may have one in use.
        return sessions.openStatelessSession()
                .chain(session -> session.createQuery(
                                "select distinct c.id.digest from ImageContentEntity c where c.id.digest in :digests",
                                String.class)
                        .setParameter("digests", List.copyOf(digests))
                        .getResultList()
                        .eventually(session::close))
                .map(Set::copyOf);
    }
}
