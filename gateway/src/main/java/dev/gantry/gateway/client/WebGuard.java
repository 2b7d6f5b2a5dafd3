package dev.gantry.gateway.client;

import dev.gantry.engine.EngineError;
import io.vertx.core.MultiMap;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Keeps web pages out. A browser on this machine reaches loopback ports too: a page may send simple requests to them
 * (those have an {@code Origin}), show them as images (those have a {@code Sec-Fetch-Site}), or have its own name resolve to
 * this machine ("DNS rebinding"; those have that name as {@code Host}). No program that speaks the Docker API sends any of them.
 */
public sealed interface WebGuard {
    /** @throws EngineError.Forbidden for what a browser could have been made to send */
    void check(MultiMap headers);

    /** Browsers do not reach it, or would have to show a client certificate. */
    record None() implements WebGuard {
        @Override
        public void check(MultiMap headers) {}
    }

    /**
     * @param names besides the loopback ones
     */
    record Loopback(Set<String> names) implements WebGuard {
        /** Values of {@code Sec-Fetch-Site} (W3C Fetch Metadata) of what a user typed, and of pages that we would serve. */
        private static final Set<String> DIRECT = Set.of("none", "same-origin");

        private static final Pattern LOOPBACK =
                Pattern.compile("localhost|(.+\\.)?localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1]");

        @Override
        public void check(MultiMap headers) {
            if (headers.contains("Origin") || isSentForAPage(headers)) {
                throw new EngineError.Forbidden("requests of web pages are not served");
            }
            String host = headers.get("Host");
            if (host != null && !isOurs(host.replaceFirst(":\\d*$", "").toLowerCase(Locale.ROOT))) {
                throw new EngineError.Forbidden("the Host header is not an address of this machine: " + host);
            }
        }

        /** Pages need no {@code Origin} for images and frames. Of several values one is enough. */
        private static boolean isSentForAPage(MultiMap headers) {
            return !DIRECT.containsAll(headers.getAll("Sec-Fetch-Site"));
        }

        private boolean isOurs(String name) {
            return name.isEmpty()
                    || names.contains(name)
                    || LOOPBACK.matcher(name).matches();
        }
    }
}
