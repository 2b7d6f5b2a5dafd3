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
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The registry of hosts and containers as this service sees it: one host, and the containers a test says there are. */
@ApplicationScoped
public class TestHosts extends NoContainers implements Hosts {
    public static final String HOST = "host-1";

    private final Map<String, Standing> containers = new ConcurrentHashMap<>();
    private volatile String address = "unix:///nowhere";

    public void runs(String containerId) {
        runs(containerId, "web");
    }

    public void runs(String containerId, String name) {
        containers.put(containerId, new Standing(containerId, name, true));
    }

    public void hasEnded(String containerId) {
        containers.put(containerId, new Standing(containerId, "web", false));
    }

    public void isGone(String containerId) {
        containers.remove(containerId);
    }

    /** Where the host's agent is to be reached from now on. */
    public void listensAt(String agentAddress) {
        address = agentAddress;
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
    public Uni<List<Standing>> standing(List<String> ids) {
        return Uni.createFrom()
                .item(ids.stream().map(containers::get).filter(Objects::nonNull).toList());
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

    private Host host() {
        HostDescription description =
                description(List.of("127.0.0.1/8", "::1/128", "198.51.100.1/24", "172.18.0.0/16"));
        return new Host(description, Instant.now(), true, "");
    }

    /** The host's, with those addresses and routes. */
    HostDescription description(List<String> addresses) {
        return new HostDescription(
                HOST,
                "machine",
                address,
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
                addresses,
                List.of("127.0.0.1", "198.51.100.1"),
                List.of(),
                null,
                null);
    }
}
