package dev.gantry.engine.host;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** The registry of hosts, owned by cluster-service. */
public interface Hosts {
    Uni<List<Host>> list();

    /** Fails with {@code NotFound} when no host has that id. */
    Uni<Host> get(String hostId);

    /**
     * Chooses the host of a new container, and waits some seconds for one to be there: after a start of everything, agents
     * register within them.
     *
     * @param tied hosts that hold what the container needs, such as volumes; empty when any will do
     * @return the least loaded reachable one; fails with {@code Unavailable} when none is reachable, and with {@code
     *     Conflict} when it is tied to several
     */
    Uni<Host> place(Set<String> tied);

    /**
     * @param reachable whether its agent was heard of lately
     * @param certificate subject of the certificate that the host registered with; empty for one on our own machine
     */
    record Host(HostDescription description, Instant lastSeen, boolean reachable, String certificate) {
        public String id() {
            return description.id();
        }

        /**
         * Fails with {@code Forbidden} when the host is not the peer's own.
         *
         * @param peer subject of a certificate; null on our own machine, whose peers are trusted
         */
        public void requireOwn(String peer) {
            if (peer != null && !peer.equals(certificate)) {
                throw new EngineError.Forbidden("host " + id() + " belongs to another certificate than " + peer);
            }
        }
    }
}
