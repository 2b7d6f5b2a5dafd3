package dev.gantry.engine.http;

import dev.gantry.agent.api.file.OwnerOnly;
import io.quarkus.vertx.http.DomainSocketServerStart;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;

/** Gives the socket by which the parts of Gantry reach a service the mode that every file of ours has. */
@Singleton
final class SocketMode {
    void listens(@ObservesAsync DomainSocketServerStart event) throws IOException {
        OwnerOnly.file(Path.of(event.options().getHost()));
    }
}
