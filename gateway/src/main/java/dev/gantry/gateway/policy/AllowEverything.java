package dev.gantry.gateway.policy;

import io.quarkus.arc.DefaultBean;
import io.vertx.core.Future;
import jakarta.inject.Singleton;

/** Whoever can connect may do everything, as with dockerd: the socket's mode or the client's certificate decides. */
@DefaultBean
@Singleton
final class AllowEverything implements Policy {
    private static final Future<Decision> ALLOW = Future.succeededFuture(Decision.ALLOW);

    @Override
    public Future<Decision> decide(Call call) {
        return ALLOW;
    }
}
