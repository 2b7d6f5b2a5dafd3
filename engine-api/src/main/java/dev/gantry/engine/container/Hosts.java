package dev.gantry.engine.container;

import dev.gantry.agent.api.HostDescription;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;

/** The registry of hosts, owned by container-service. */
public interface Hosts {
    Uni<List<Host>> list();

    /** Fails with {@code NotFound} when no host has that id. */
    Uni<Host> get(String hostId);

    /** @param reachable whether its agent was heard of lately */
    record Host(HostDescription description, Instant lastSeen, boolean reachable) {
        public String id() {
            return description.id();
        }
    }
}
