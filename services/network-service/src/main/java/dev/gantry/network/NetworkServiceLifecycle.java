package dev.gantry.network;

import dev.gantry.network.endpoint.ForgottenEndpoints;
import dev.gantry.network.host.ForgetNetworks;
import dev.gantry.service.work.Background;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/** What network-service does besides answering: it takes back what was forgotten, on hosts too. */
@ApplicationScoped
class NetworkServiceLifecycle {
    private static final Logger LOG = Logger.getLogger(NetworkServiceLifecycle.class);
    private static final long SWEEP_MILLIS = 60_000;

    void start(
            @Observes StartupEvent event,
            Vertx vertx,
            Background background,
            ForgottenEndpoints endpoints,
            ForgetNetworks networks) {
        vertx.setPeriodic(SWEEP_MILLIS, id -> background.run("sweep", () -> sweep(endpoints, networks)));
    }

    private static Uni<Void> sweep(ForgottenEndpoints endpoints, ForgetNetworks networks) {
        return endpoints
                .release()
                .chain(networks::forgetAll)
                .onFailure()
                .invoke(failure -> LOG.debugf("sweep: %s", failure.getMessage()))
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
    }
}
