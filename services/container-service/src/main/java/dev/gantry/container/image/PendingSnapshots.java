package dev.gantry.container.image;

import dev.gantry.container.host.HostAgents;
import dev.gantry.engine.host.Hosts;
import dev.gantry.engine.image.Images;
import dev.gantry.service.work.Background;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Snapshots that hosts have yet to delete. A host that cannot be reached deletes them when it is back: every few seconds
 * those that can be reached are asked to. Rows are deleted one by one, so that a crash in between repeats at most one.
 */
@ApplicationScoped
class PendingSnapshots {
    private static final Logger LOG = Logger.getLogger(PendingSnapshots.class);
    private static final long PERIOD_MILLIS = 5_000;

    private static final String ADD = "insert into container.snapshots_to_delete (host_id, chain_id)"
            + " values (:host, :chain) on conflict do nothing";
    private static final String OF_HOST =
            "select chain_id from container.snapshots_to_delete where host_id = :host order by position limit 1000";
    private static final String DONE =
            "delete from container.snapshots_to_delete where host_id = :host and chain_id = :chain";
    private static final String USED = "select distinct chain from container.containers,"
            + " jsonb_array_elements_text(chains) chain where chain = any(cast(:chains as text[]))";
    private static final String CONCERNED = "select distinct host_id from container.snapshots_to_delete";

    private final Mutiny.SessionFactory sessions;
    private final Images images;
    private final Hosts hosts;
    private final HostAgents agents;
    private final Background background;
    private final AtomicBoolean running = new AtomicBoolean();
    private long timer;

    PendingSnapshots(
            Mutiny.SessionFactory sessions, Images images, Hosts hosts, HostAgents agents, Background background) {
        this.sessions = sessions;
        this.images = images;
        this.hosts = hosts;
        this.agents = agents;
        this.background = background;
    }

    void schedule(@Observes StartupEvent event, Vertx vertx) {
        timer = vertx.setPeriodic(PERIOD_MILLIS, tick -> look());
    }

    void stop(@Observes ShutdownEvent event, Vertx vertx) {
        vertx.cancelTimer(timer);
    }

    /** Notes the chains that nothing needs for every host. What stands on others must come before them. */
    Uni<Void> add(List<String> chains) {
        return inUse(chains)
                .map(used ->
                        chains.stream().filter(chain -> !used.contains(chain)).toList())
                .chain(unused -> unused.isEmpty() ? Uni.createFrom().voidItem() : note(unused));
    }

    private Uni<Void> note(List<String> chains) {
        return hosts.list()
                .chain(all -> sessions.withTransaction(session -> {
                    Uni<Void> added = Uni.createFrom().voidItem();
                    for (Hosts.Host host : all) {
                        for (String chain : chains) {
                            added = added.chain(() -> session.createNativeQuery(ADD)
                                    .setParameter("host", host.id())
                                    .setParameter("chain", chain)
                                    .executeUpdate()
                                    .replaceWithVoid());
                        }
                    }
                    return added;
                }))
                .invoke(this::look);
    }

    /** By containers or images. */
    private Uni<Set<String>> inUse(List<String> chains) {
        if (chains.isEmpty()) {
            return Uni.createFrom().item(Set.of());
        }
        return sessions.withSession(session -> session.createNativeQuery(USED, String.class)
                        .setParameter("chains", chains.toArray(String[]::new))
                        .getResultList())
                .chain(ofContainers -> images.layersInUse(chains).map(ofImages -> {
                    Set<String> used = new HashSet<>(ofContainers);
                    used.addAll(ofImages);
                    return used;
                }));
    }

    private void look() {
        if (running.compareAndSet(false, true)) {
            background.run("deleting snapshots", () -> work().onTermination().invoke(() -> running.set(false)));
        }
    }

    private Uni<Void> work() {
        return sessions.withSession(session ->
                        session.createNativeQuery(CONCERNED, String.class).getResultList())
                .chain(concerned -> concerned.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : hosts.list()
                                .chain(all -> Multi.createFrom()
                                        .iterable(all)
                                        .filter(host -> host.reachable() && concerned.contains(host.id()))
                                        .onItem()
                                        .transformToUniAndConcatenate(host -> on(host.id()))
                                        .collect()
                                        .last())
                                .replaceWithVoid());
    }

    /** The others do not wait for a host that fails. */
    private Uni<Void> on(String host) {
        return sessions.withSession(session -> session.createNativeQuery(OF_HOST, String.class)
                        .setParameter("host", host)
                        .getResultList())
                .chain(chains -> inUse(chains).chain(used -> Multi.createFrom()
                        .iterable(chains)
                        .onItem()
                        .transformToUniAndConcatenate(chain ->
                                // An image may be back since it was noted.
                                (used.contains(chain)
                                                ? Uni.createFrom().voidItem()
                                                : agents.deleteSnapshot(host, chain))
                                        .chain(() -> done(host, chain)))
                        .collect()
                        .last()))
                .replaceWithVoid()
                .onFailure()
                .invoke(e -> LOG.warnf("host %s has not deleted all snapshots yet: %s", host, e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    private Uni<Void> done(String host, String chain) {
        return sessions.withTransaction(session -> session.createNativeQuery(DONE)
                .setParameter("host", host)
                .setParameter("chain", chain)
                .executeUpdate()
                .replaceWithVoid());
    }
}
