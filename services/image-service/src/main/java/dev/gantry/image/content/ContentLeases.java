package dev.gantry.image.content;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.vertx.MutinyHelper;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps {@link ContentCollector} away from blobs that an operation under way has found or written and no image names
 * yet. Leases live in memory: after a crash nothing is under way.
 */
@ApplicationScoped
public class ContentLeases {
    private final Map<String, Integer> held = new HashMap<>();
    private final Map<String, CompletableFuture<Void>> deleting = new HashMap<>();

    public Lease open() {
        return new Lease();
    }

    /** False when the blob is leased or being deleted already; otherwise {@link #endDelete} must follow. */
    synchronized boolean beginDelete(String digest) {
        return !held.containsKey(digest) && deleting.putIfAbsent(digest, new CompletableFuture<>()) == null;
    }

    synchronized void endDelete(String digest) {
        deleting.remove(digest).complete(null);
    }

    private synchronized CompletableFuture<Void> tryHold(String digest) {
        CompletableFuture<Void> obstacle = deleting.get(digest);
        if (obstacle == null) {
            held.merge(digest, 1, Integer::sum);
        }
        return obstacle;
    }

    private synchronized void release(Set<String> digests) {
        digests.forEach(digest -> held.computeIfPresent(digest, (key, count) -> count == 1 ? null : count - 1));
    }

    /** The blobs of one operation. */
    public final class Lease {
        private final Set<String> digests = new HashSet<>();
        private boolean closed;

        private Lease() {}

        /**
         * From completion on the blob stays, whether it exists already or not. Completes on the context that waits: it
         * may have a database session, which no other thread may use.
         */
        public Uni<Void> hold(String digest) {
            return Uni.createFrom().deferred(() -> {
                CompletableFuture<Void> obstacle = hold(digest, digests);
                return obstacle == null
                        ? Uni.createFrom().voidItem()
                        : here(obstacle).chain(() -> hold(digest));
            });
        }

        private static Uni<Void> here(CompletableFuture<Void> obstacle) {
            Context context = Vertx.currentContext();
            Uni<Void> gone = Uni.createFrom().completionStage(obstacle);
            return context == null ? gone : gone.emitOn(MutinyHelper.executor(context));
        }

        private synchronized CompletableFuture<Void> hold(String digest, Set<String> mine) {
            if (closed || mine.contains(digest)) {
                return null;
            }
            CompletableFuture<Void> obstacle = tryHold(digest);
            if (obstacle == null) {
                mine.add(digest);
            }
            return obstacle;
        }

        /** Lets go of all; returns what was held, for {@link ContentCollector#collect}. */
        public synchronized Set<String> close() {
            if (closed) {
                return Set.of();
            }
            closed = true;
            release(digests);
            return Set.copyOf(digests);
        }
    }
}
