package dev.gantry.gateway.policy;

import dev.gantry.engine.principal.Principal;
import dev.gantry.gateway.route.Route;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * What is asked for.
 *
 * @param path without the version prefix, as the owner will see it
 * @param query undecoded; empty for none
 * @param route the operation and who answers it
 * @param body the checked JSON object, where the operation has one
 */
public record Call(Principal principal, String method, String path, String query, Route route, Optional<Buffer> body) {}
