package dev.gantry.standalone;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Nothing asks the database or the broker before they answer. */
@Singleton
final class ServersFirst {
    /** Before migrations (10) and consumers of facts (1,000). */
    private static final int BEFORE_ALL_USE = 9;

    void await(@Observes @Priority(BEFORE_ALL_USE) StartupEvent event) {
        EmbeddedServers.awaitReady();
    }
}
