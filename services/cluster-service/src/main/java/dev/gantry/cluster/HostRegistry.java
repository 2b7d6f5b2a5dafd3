package dev.gantry.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.host.Hosts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/** The hosts that agents registered. */
@ApplicationScoped
public class HostRegistry implements Hosts {
    private static final Logger LOG = Logger.getLogger(HostRegistry.class);

    /** An agent is heard of every ten seconds. */
    static final Duration REACHABLE_FOR = Duration.ofSeconds(30);

    private final Mutiny.SessionFactory sessions;
    private final ObjectMapper json;
    private final Placement placement;

    HostRegistry(Mutiny.SessionFactory sessions, ObjectMapper json, Placement placement) {
        this.sessions = sessions;
        this.json = json;
        this.placement = placement;
    }

    @Override
    public Uni<List<Host>> list() {
        return sessions.withSession(
                        session -> session.createSelectionQuery("from HostEntity h order by h.id", HostEntity.class)
                                .getResultList())
                .map(rows -> rows.stream().map(this::host).toList());
    }

    @Override
    public Uni<Host> get(String hostId) {
        return sessions.withSession(session -> session.find(HostEntity.class, hostId))
                .map(row -> {
                    if (row == null) {
                        throw new EngineError.NotFound("No such host: " + hostId);
                    }
                    return host(row);
                });
    }

    @Override
    public Uni<Host> place(Set<String> tied) {
        return placement.choose(tied, this::list);
    }

    /**
     * Notes what an agent tells of itself. The first registration from another machine binds the host to its
     * certificate's subject.
     *
     * @param peer subject of the agent's certificate; null when it is on our own machine
     */
    public Uni<Void> register(HostDescription description, String peer) {
        if (peer != null && !description.address().startsWith("https://")) {
            throw new EngineError.BadParameter("gantry.agent.address=" + description.address()
                    + " is no address at which another machine is reached: it must be https://host:port");
        }
        return sessions.withTransaction(
                session -> session.find(HostEntity.class, description.id()).chain(found -> {
                    HostEntity row = found == null ? new HostEntity() : found;
                    if (found != null) {
                        requireOwn(host(found), peer);
                    }
                    describe(row, description, peer);
                    return found == null
                            ? session.persist(row)
                            : Uni.createFrom().voidItem();
                }));
    }

    private static void requireOwn(Host host, String peer) {
        try {
            host.requireOwn(peer);
        } catch (EngineError.Forbidden refused) {
            LOG.warnf("%s claims to be host %s, which is %s", peer, host.id(), host.certificate());
            throw refused;
        }
    }

    private void describe(HostEntity row, HostDescription description, String peer) {
        row.id = description.id();
        row.certificate = peer == null ? "" : peer;
        row.lastSeen = Instant.now();
        try {
            row.description = json.writeValueAsString(description);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Host host(HostEntity row) {
        boolean reachable = row.lastSeen.plus(REACHABLE_FOR).isAfter(Instant.now());
        try {
            HostDescription description = json.readValue(row.description, HostDescription.class);
            return new Host(description, row.lastSeen, reachable, row.certificate);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored description of host " + row.id + " is unreadable", e);
        }
    }
}
