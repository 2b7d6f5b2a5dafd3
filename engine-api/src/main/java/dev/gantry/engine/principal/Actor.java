package dev.gantry.engine.principal;

import io.vertx.core.MultiMap;
import org.jboss.logging.MDC;

/**
 * The principal of the request that is being served, wherever its reactive chain has got to: it is kept beside the
 * request's id in the mapped diagnostic context, which belongs to the request's Vert.x context. So log lines have it too.
 */
public final class Actor {
    private static final String LOG_KEY = "actor";

    private Actor() {}

    /** From here on the request with these headers is served; what is no principal is nobody. */
    public static void note(MultiMap headers) {
        Principal.parse(headers.get(Principal.HEADER))
                .ifPresentOrElse(principal -> note(principal.text()), () -> MDC.remove(LOG_KEY));
    }

    /** @param text of a principal, or null: work that goes on elsewhere is still done for whoever asked */
    public static void note(String text) {
        if (text == null) {
            MDC.remove(LOG_KEY);
        } else {
            MDC.put(LOG_KEY, text);
        }
    }

    /** Text form of the principal; null when nobody asked, as for what a host reports. */
    public static String current() {
        return MDC.get(LOG_KEY) instanceof String text ? text : null;
    }
}
