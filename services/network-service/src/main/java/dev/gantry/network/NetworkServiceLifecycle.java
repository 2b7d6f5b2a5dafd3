package dev.gantry.network;

import dev.gantry.network.endpoint.ForgottenEndpoints;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/** What network-service does besides answering: it takes back what was forgotten. */
@ApplicationScoped
class NetworkServiceLifecycle {
    private static final Logger LOG = Logger.getLogger(NetworkServiceLifecycle.class);
    private static final long SWEEP_MILLIS = 60_000;

    void start(@Observes StartupEvent event, Vertx vertx, ForgottenEndpoints forgotten) {
        vertx.setPeriodic(SWEEP_MILLIS, id -> sweep(vertx, forgotten));
    }

    /** On a context of its own: database sessions belong to one, and a timer's is shared. */
    private static void sweep(Vertx vertx, ForgottenEndpoints forgotten) {
        Context context = VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext());
        VertxContextSafetyToggle.setContextSafe(context, true);
        context.runOnContext(ignored -> forgotten
                .release()
                .subscribe()
                .with(done -> {}, failure -> LOG.debugf("sweep: %s", failure.getMessage())));
    }
}
