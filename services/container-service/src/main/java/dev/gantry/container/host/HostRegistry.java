package dev.gantry.container.host;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Hosts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/** The hosts that agents registered. Descriptions are remembered, since every call to a host needs its address. */
@ApplicationScoped
public class HostRegistry implements Hosts {
    private static final Logger LOG = Logger.getLogger(HostRegistry.class);
    /** An agent's list may be older than a container that was made meanwhile. */
    private static final Duration SETTLED = Duration.ofSeconds(60);

    private static final String LOST = "update ContainerEntity c set c.observed = 'dead'"
            + " where c.hostId = :host and c.operation is null and c.observed <> 'dead'"
            + " and c.createdAt < :before and c.id not in (:held)";

    private final Mutiny.SessionFactory sessions;
    private final Map<String, HostDescription> known = new ConcurrentHashMap<>();

    HostRegistry(Mutiny.SessionFactory sessions) {
        this.sessions = sessions;
    }

    @Override
    public Uni<List<Host>> list() {
        return sessions.withSession(
                        session -> session.createSelectionQuery("from HostEntity h order by h.id", HostEntity.class)
                                .getResultList())
                .map(rows -> {
                    Instant now = Instant.now();
                    return rows.stream().map(row -> row.toHost(now)).toList();
                });
    }

    @Override
    public Uni<Host> get(String hostId) {
        return sessions.withSession(session -> session.find(HostEntity.class, hostId))
                .map(row -> {
                    if (row == null) {
                        throw new EngineError.NotFound("No such host: " + hostId);
                    }
                    return row.toHost(Instant.now());
                });
    }

    /** Where the host's agent listens. */
    public Uni<String> address(String hostId) {
        return description(hostId).map(HostDescription::address);
    }

    /** What the host last told of itself, maybe remembered. */
    public Uni<HostDescription> description(String hostId) {
        HostDescription remembered = known.get(hostId);
        return remembered != null
                ? Uni.createFrom().item(remembered)
                : get(hostId).map(Host::description).invoke(this::remember);
    }

    private void remember(HostDescription description) {
        known.put(description.id(), description);
    }

    /**
     * Notes what an agent tells of itself. An agent that holds a container which no row knows is told to delete it: the
     * row was removed, or its creation undone, while the agent was away. Rows that a creation has not finished yet
     * count as known.
     *
     * <p>The first registration from another machine binds the host to its certificate's subject.
     *
     * @param peer subject of the agent's certificate; null when it is on our own machine
     */
    public Uni<HostDescription.Registered> register(HostDescription description, String peer) {
        if (peer != null && !description.address().startsWith("https://")) {
            throw new EngineError.BadParameter("gantry.agent.address=" + description.address()
                    + " is no address at which another machine is reached: it must be https://host:port");
        }
        return sessions.withTransaction(session -> session.find(HostEntity.class, description.id())
                .chain(found -> {
                    HostEntity row = found == null ? new HostEntity() : found;
                    if (found != null) {
                        requireOwn(found, peer);
                    }
                    row.describe(description, peer == null ? "" : peer, Instant.now());
                    remember(description);
                    return found == null
                            ? session.persist(row)
                            : Uni.createFrom().voidItem();
                })
                .chain(() -> lost(session, description))
                .chain(() -> knownOn(session, description.id()))
                .map(known -> new HostDescription.Registered(unknown(description, Set.copyOf(known)))));
    }

    /** Fails with {@code Forbidden} when the host is not the peer's own. Peers on our own machine are trusted. */
    public Uni<Void> check(String hostId, String peer) {
        return peer == null
                ? Uni.createFrom().voidItem()
                : sessions.withSession(session -> session.find(HostEntity.class, hostId))
                        .invoke(row -> {
                            if (row == null) {
                                throw new EngineError.NotFound("No such host: " + hostId);
                            }
                            requireOwn(row, peer);
                        })
                        .replaceWithVoid();
    }

    private static void requireOwn(HostEntity row, String peer) {
        if (peer != null && !peer.equals(row.certificate)) {
            LOG.warnf("%s claims to be host %s, which is %s", peer, row.id, row.certificate);
            throw new EngineError.Forbidden("host " + row.id + " belongs to another certificate than " + peer);
        }
    }

    /** A container whose specification its host does not hold will never run or report again. */
    private static Uni<Void> lost(Mutiny.Session session, HostDescription description) {
        List<String> held = description.containers().isEmpty() ? List.of("") : description.containers();
        return session.createMutationQuery(LOST)
                .setParameter("host", description.id())
                .setParameter("held", held)
                .setParameter("before", Instant.now().minus(SETTLED))
                .executeUpdate()
                .invoke(count -> {
                    if (count > 0) {
                        LOG.warnf("host %s has lost %d containers", description.name(), count);
                    }
                })
                .replaceWithVoid();
    }

    private static Uni<List<String>> knownOn(Mutiny.Session session, String hostId) {
        return session.createSelectionQuery("select c.id from ContainerEntity c where c.hostId = :host", String.class)
                .setParameter("host", hostId)
                .getResultList();
    }

    private static List<String> unknown(HostDescription description, Set<String> known) {
        List<String> removed = new ArrayList<>(description.containers());
        removed.removeAll(known);
        return removed;
    }
}
