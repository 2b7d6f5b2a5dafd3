package dev.gantry.container.fake;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.host.Hosts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

/** The registry of hosts as this service sees it: what {@link FakeAgent}s tell. */
@ApplicationScoped
public class FakeHosts implements Hosts {
    private static final Map<String, Host> HOSTS = new ConcurrentSkipListMap<>();

    private final Containers containers;

    FakeHosts(Containers containers) {
        this.containers = containers;
    }

    /** @param certificate its subject; empty for a host on our own machine */
    public static void register(HostDescription description, String certificate) {
        HOSTS.put(description.id(), new Host(description, Instant.now(), true, certificate));
    }

    public static void forget(String hostId) {
        HOSTS.remove(hostId);
    }

    @Override
    public Uni<List<Host>> list() {
        return Uni.createFrom().item(List.copyOf(HOSTS.values()));
    }

    @Override
    public Uni<Host> get(String hostId) {
        Host host = HOSTS.get(hostId);
        return host == null
                ? Uni.createFrom().failure(new EngineError.NotFound("No such host: " + hostId))
                : Uni.createFrom().item(host);
    }

    @Override
    public Uni<Host> place(Set<String> tied) {
        return containers.load().map(load -> HOSTS.values().stream()
                .filter(host -> tied.isEmpty() || tied.contains(host.id()))
                .min(Comparator.comparingLong(host -> load.getOrDefault(host.id(), 0L)))
                .orElseThrow(() -> new EngineError.Unavailable("no host is reachable: is the agent running?")));
    }
}
