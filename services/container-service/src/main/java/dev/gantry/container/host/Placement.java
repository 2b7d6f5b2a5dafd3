package dev.gantry.container.host;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.container.Changes;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Hosts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/** Chooses the host of a new container: where its volumes and companions are, else the least loaded reachable one. */
@ApplicationScoped
public class Placement {
    /** How long to wait for a first host: after a start of everything, agents register within it. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Nobody tells of changes under this name: the list is looked at again and again. */
    private static final String HOSTS = "hosts";

    private final Mutiny.SessionFactory sessions;
    private final HostRegistry hosts;
    private final Changes changes;

    Placement(Mutiny.SessionFactory sessions, HostRegistry hosts, Changes changes) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.changes = changes;
    }

    /**
     * @param tied hosts that hold what the container needs: volumes, and containers whose namespaces it shares
     * @return fails with {@code Unavailable} when no host is reachable, and {@code Conflict} when it is tied to several
     */
    public Uni<HostDescription> choose(Set<String> tied) {
        if (tied.size() > 1) {
            throw new EngineError.Conflict("the volumes and containers it needs are on different hosts");
        }
        Instant limit = Instant.now().plus(PATIENCE);
        return changes.until(HOSTS, () -> hosts.list().map(all -> {
                    List<HostDescription> fit = all.stream()
                            .filter(Hosts.Host::reachable)
                            .map(Hosts.Host::description)
                            .filter(host -> tied.isEmpty() || tied.contains(host.id()))
                            .toList();
                    if (fit.isEmpty() && Instant.now().isAfter(limit)) {
                        throw new EngineError.Unavailable("no host is reachable: is the agent running?");
                    }
                    return fit.isEmpty() ? null : fit;
                }))
                .chain(fit -> fit.size() == 1 ? Uni.createFrom().item(fit.getFirst()) : leastLoaded(fit));
    }

    private Uni<HostDescription> leastLoaded(List<HostDescription> fit) {
        return sessions.withSession(session -> session.createSelectionQuery(
                                "select c.hostId from ContainerEntity c where c.desired = 'running'", String.class)
                        .getResultList())
                .map(running -> {
                    Map<String, Long> load =
                            running.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
                    return fit.stream()
                            .min(Comparator.comparingLong(host -> load.getOrDefault(host.id(), 0L)))
                            .orElseThrow();
                });
    }
}
