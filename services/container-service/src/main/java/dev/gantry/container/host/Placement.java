package dev.gantry.container.host;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Hosts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
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
    private final Mutiny.SessionFactory sessions;
    private final HostRegistry hosts;

    Placement(Mutiny.SessionFactory sessions, HostRegistry hosts) {
        this.sessions = sessions;
        this.hosts = hosts;
    }

    /**
     * @param tied hosts that hold what the container needs: volumes, and containers whose namespaces it shares
     * @return fails with {@code Unavailable} when no host is reachable, and {@code Conflict} when it is tied to several
     */
    public Uni<HostDescription> choose(Set<String> tied) {
        if (tied.size() > 1) {
            throw new EngineError.Conflict("the volumes and containers it needs are on different hosts");
        }
        return hosts.list().chain(all -> {
            List<HostDescription> fit = all.stream()
                    .filter(Hosts.Host::reachable)
                    .map(Hosts.Host::description)
                    .filter(host -> tied.isEmpty() || tied.contains(host.id()))
                    .toList();
            if (fit.isEmpty()) {
                throw new EngineError.Unavailable("no host is reachable: is the agent running?");
            }
            return fit.size() == 1 ? Uni.createFrom().item(fit.getFirst()) : leastLoaded(fit);
        });
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
