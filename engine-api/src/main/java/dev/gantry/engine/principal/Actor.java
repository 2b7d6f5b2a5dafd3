package dev.gantry.engine.principal;

import dev.gantry.agent.api.AgentProtocol;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import java.util.function.Supplier;
import org.jboss.logging.MDC;

/**
 * The principal of the request that is being served, wherever its reactive chain has got to: it is kept beside the
 * request's id in the mapped diagnostic context, which belongs to the request's Vert.x context. So log lines have it too.
 */
public final class Actor {
    private Actor() {}

    /** From here on the request with these headers is served; what is no principal is nobody. */
    public static void note(MultiMap headers) {
        Principal.parse(headers.get(Principal.HEADER))
                .ifPresentOrElse(principal -> note(principal.text()), () -> MDC.remove(AgentProtocol.ACTOR_LOG_KEY));
    }

    /** @param text of a principal, or null: work that goes on elsewhere is still done for whoever asked */
    public static void note(String text) {
        if (text == null) {
            MDC.remove(AgentProtocol.ACTOR_LOG_KEY);
        } else {
            MDC.put(AgentProtocol.ACTOR_LOG_KEY, text);
        }
    }

    /** The work is done for {@code text}, as in {@link #note(String)}; what comes after it for whom it was before. */
    public static <T> Uni<T> during(String text, Supplier<Uni<T>> work) {
        return Uni.createFrom().deferred(() -> {
            String before = current();
            note(text);
            return work.get().onTermination().invoke(() -> note(before));
        });
    }

    /** Text form of the principal; null when nobody asked, as for what a host reports. */
    public static String current() {
        return MDC.get(AgentProtocol.ACTOR_LOG_KEY) instanceof String text ? text : null;
    }
}
