package dev.gantry.gateway;

import dev.gantry.gateway.policy.Call;
import dev.gantry.gateway.policy.Decision;
import dev.gantry.gateway.policy.Policy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/** Does what the request's query says, and remembers what it was asked. */
@Singleton
class PolicyDouble implements Policy {
    private static volatile Call last;
    private final Vertx vertx;

    PolicyDouble(Vertx vertx) {
        this.vertx = vertx;
    }

    static Call last() {
        return last;
    }

    @Override
    public Future<Decision> decide(Call call) {
        last = call;
        return switch (call.query()) {
            case "denied=1" -> Future.succeededFuture(new Decision.Deny("not today"));
            case "slow=1" -> vertx.timer(200, TimeUnit.MILLISECONDS).map(_ -> Decision.ALLOW);
            case "broken=1" -> Future.failedFuture(new IllegalStateException("the policy's database is away"));
            default -> Future.succeededFuture(Decision.ALLOW);
        };
    }
}
