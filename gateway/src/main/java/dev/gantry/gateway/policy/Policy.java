package dev.gantry.gateway.policy;

import io.vertx.core.Future;

/**
 * Decides whether a request may reach its owner. It is asked once for each request that the API knows, after the route is
 * found and the body checked, and before anything is done: for streams, uploads and upgraded connections as well.
 */
public interface Policy {
    /** May be asked on an event loop, so it must not block. A failure refuses the request. */
    Future<Decision> decide(Call call);
}
