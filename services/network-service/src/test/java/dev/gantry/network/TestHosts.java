package dev.gantry.network;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.host.Hosts;
import dev.gantry.engine.testing.NoContainers;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The registry of hosts and containers as this service sees it: one host, and the containers a test says there are. */
@ApplicationScoped
public class TestHosts extends NoContainers implements Hosts {
    public static final String HOST = "host-1";

    private final Set<String> containers = ConcurrentHashMap.newKeySet();

    public void exists(String containerId) {
        containers.add(containerId);
    }

    public void isGone(String containerId) {
        containers.remove(containerId);
    }

    @Override
    public Uni<List<Host>> list() {
        return Uni.createFrom().item(List.of(host()));
    }

    @Override
    public Uni<Host> get(String hostId) {
        return hostId.equals(HOST)
                ? Uni.createFrom().item(host())
                : Uni.createFrom().failure(new EngineError.NotFound("No such host: " + hostId));
    }

    @Override
    public Uni<List<ContainerUse>> usingNetwork(String networkId) {
        return Uni.createFrom()
                .item(containers.stream()
                        .map(id -> new ContainerUse(id, "name", "busybox", true))
                        .toList());
    }

    @Override
    public Uni<Map<String, Long>> load() {
        return Uni.createFrom().item(Map.of(HOST, (long) containers.size()));
    }

    @Override
    public Uni<Counts> counts() {
        return Uni.createFrom().item(new Counts(containers.size(), 0, 0));
    }

    @Override
    public Uni<Host> place(Set<String> tied) {
        return get(HOST);
    }

    private static Host host() {
        HostDescription description = new HostDescription(
                HOST,
                "machine",
                "unix:///nowhere",
                1,
                1,
                "Debian",
                "12",
                "6.1",
                "x86_64",
                2,
                1L << 30,
                "cgroupfs",
                "2",
                true,
                false,
                Map.of(),
                "crun",
                "",
                "overlay2",
                "extfs",
                "/nowhere",
                List.of("127.0.0.1/8", "::1/128", "198.51.100.1/24", "172.18.0.0/16"),
                List.of("127.0.0.1", "198.51.100.1"),
                List.of());
        return new Host(description, Instant.now(), true, "");
    }
}
