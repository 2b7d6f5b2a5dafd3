package dev.gantry.service.work;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.trace.Traces;
import dev.gantry.engine.principal.Actor;
import io.opentelemetry.api.trace.Span;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Runs work that no client waits for. Each piece gets a Vert.x context of its own, since a database session belongs to
 * one: work that shared its starter's context would share its transaction too.
 */
@ApplicationScoped
public class Background {
    private static final Logger LOG = Logger.getLogger(Background.class);
    private final Vertx vertx;

    Background(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Starts the work; a failure is logged under {@code what}. */
    public void run(String what, Supplier<Uni<?>> work) {
        await(work).subscribe().with(done -> {}, failure -> LOG.warnf(failure, "%s failed", what));
    }

    /**
     * The result, delivered on the context that waits for it: database sessions belong to a context, and connections
     * complete their futures on one of their own.
     */
    public static <T> Uni<T> here(CompletionStage<T> future) {
        Context context = Vertx.currentContext();
        Uni<T> result = Uni.createFrom().completionStage(future);
        return context == null ? result : result.emitOn(command -> context.runOnContext(ignored -> command.run()));
    }

    /** Waits, and goes on on the context that waits. */
    public static Uni<Void> pause(Duration delay) {
        return here(new CompletableFuture<Void>().completeOnTimeout(null, delay.toMillis(), TimeUnit.MILLISECONDS));
    }

    /**
     * The work's result. The work goes on when whoever waits for it gives up, as a client does that disconnects: what it
     * has begun is finished or undone all the same. It keeps the request's id, its span
     * and who asked.
     */
    public <T> Uni<T> await(Supplier<? extends Uni<? extends T>> work) {
        return Uni.createFrom().emitter(emitter -> {
            Context context = VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext());
            VertxContextSafetyToggle.setContextSafe(context, true);
            Object requestId = MDC.get(AgentProtocol.REQUEST_ID_LOG_KEY);
            String actor = Actor.current();
            Span span = Span.current();
            context.runOnContext(ignored -> {
                if (requestId != null) {
                    MDC.put(AgentProtocol.REQUEST_ID_LOG_KEY, requestId);
                }
                Actor.note(actor);
                Traces.enter(span);
                Uni.createFrom().deferred(work::get).subscribe().with(emitter::complete, emitter::fail);
            });
        });
    }
}
