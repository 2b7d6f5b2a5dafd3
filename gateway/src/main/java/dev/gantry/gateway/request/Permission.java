package dev.gantry.gateway.request;

import dev.gantry.engine.EngineError;
import dev.gantry.gateway.policy.Call;
import dev.gantry.gateway.policy.Decision;
import dev.gantry.gateway.policy.Policy;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** Asks the policy and goes on with what it decided, on the request's own context. */
@Singleton
final class Permission {
    private static final Logger LOG = Logger.getLogger(Permission.class);

    private final Policy policy;

    @Inject
    Permission(Policy policy) {
        this.policy = policy;
    }

    void ask(Call call, HttpServerRequest request, Runnable allowed) {
        Context context = Vertx.currentContext();
        policy.decide(call)
                .onSuccess(decision -> on(context, () -> obey(decision, request, allowed)))
                .onFailure(failure -> on(context, () -> undecided(failure, request)));
    }

    private static void obey(Decision decision, HttpServerRequest request, Runnable allowed) {
        try {
            switch (decision) {
                case Decision.Allow _ -> allowed.run();
                case Decision.Deny deny -> throw new EngineError.Forbidden(deny.reason());
            }
        } catch (RuntimeException e) {
            Answers.failure(request, e);
        }
    }

    private static void undecided(Throwable failure, HttpServerRequest request) {
        LOG.error("the policy failed, so a request is refused", failure);
        Answers.failure(request, new EngineError.Unavailable("whether this is allowed cannot be found out"));
    }

    private static void on(Context context, Runnable action) {
        if (context == Vertx.currentContext()) {
            action.run();
        } else {
            context.runOnContext(_ -> action.run());
        }
    }
}
