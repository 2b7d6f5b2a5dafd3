package dev.gantry.cluster;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.host.Hosts.Host;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Chooses the host of a new container: the one it is tied to, else the least loaded reachable one. */
@ApplicationScoped
class Placement {
    /** How long to wait for a first host: after a start of everything, agents register within it. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final Containers containers;

    Placement(Containers containers) {
        this.containers = containers;
    }

    Uni<Host> choose(Set<String> tied, Supplier<Uni<List<Host>>> hosts) {
        if (tied.size() > 1) {
            throw new EngineError.Conflict("the volumes and containers it needs are on different hosts");
        }
        return fit(tied, hosts, Instant.now().plus(PATIENCE))
                .chain(fit -> fit.size() == 1 ? Uni.createFrom().item(fit.getFirst()) : leastLoaded(fit));
    }

    private static Uni<List<Host>> fit(Set<String> tied, Supplier<Uni<List<Host>>> hosts, Instant limit) {
        return hosts.get().chain(all -> {
            List<Host> fit = all.stream()
                    .filter(Host::reachable)
                    .filter(host -> tied.isEmpty() || tied.contains(host.id()))
                    .toList();
            if (!fit.isEmpty()) {
                return Uni.createFrom().item(fit);
            }
            if (Instant.now().isAfter(limit)) {
                throw new EngineError.Unavailable("no host is reachable: is the agent running?");
            }
            return Background.pause(LOOK_AGAIN).chain(() -> fit(tied, hosts, limit));
        });
    }

    private Uni<Host> leastLoaded(List<Host> fit) {
        return containers.load().map(load -> fit.stream()
                .min(Comparator.comparingLong(host -> load.getOrDefault(host.id(), 0L)))
                .orElseThrow());
    }
}
