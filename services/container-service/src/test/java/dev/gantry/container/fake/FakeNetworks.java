package dev.gantry.container.fake;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A network-service with {@code bridge}, {@code host} and {@code none}, remembering who is connected. */
@ApplicationScoped
public class FakeNetworks implements Networks {
    private static final Set<String> KNOWN = Set.of("bridge", "host", "none");

    private final Set<String> connected = ConcurrentHashMap.newKeySet();
    private final AtomicInteger nextPort = new AtomicInteger(32768);

    public Set<String> connected() {
        return connected;
    }

    @Override
    public Uni<Attachment> connect(ConnectRequest request) {
        connected.add(request.containerId());
        return switch (request.mode()) {
            case "none" -> item(NetworkPlan.Kind.NONE, "none", "", Map.of());
            case "host" -> item(NetworkPlan.Kind.HOST, "host", "", Map.of());
            case "default", "bridge" -> item(NetworkPlan.Kind.NETWORKS, "bridge", "172.30.0.2", ports(request));
            default -> {
                connected.remove(request.containerId());
                yield Uni.createFrom().failure(new EngineError.NotFound("network " + request.mode() + " not found"));
            }
        };
    }

    private Map<String, List<PortBinding>> ports(ConnectRequest request) {
        Map<String, List<PortBinding>> ports = new LinkedHashMap<>();
        request.ports()
                .forEach((port, bindings) -> ports.put(
                        port,
                        bindings.stream()
                                .map(binding -> new PortBinding(
                                        "0.0.0.0",
                                        binding.hostPort().isEmpty()
                                                ? Integer.toString(nextPort.getAndIncrement())
                                                : binding.hostPort()))
                                .toList()));
        return ports;
    }

    private static Uni<Attachment> item(
            NetworkPlan.Kind kind, String name, String address, Map<String, List<PortBinding>> ports) {
        AttachedEndpoint endpoint = new AttachedEndpoint(
                name, name + "-id", name + "-ep", "172.30.0.1", address, 16, "02:42:00:00:00:02", List.of(), null);
        return Uni.createFrom().item(new Attachment(new NetworkPlan(kind, "", List.of()), List.of(endpoint), ports));
    }

    @Override
    public Uni<Void> disconnect(String containerId) {
        connected.remove(containerId);
        return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Void> keep(String containerId, List<String> networkIds) {
        return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Void> left(String containerId, String hostId, String networkId) {
        return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Found> find(String term, EndpointRequest asked) {
        return KNOWN.contains(term)
                ? Uni.createFrom().item(new Found(term + "-id", term))
                : Uni.createFrom().failure(new EngineError.NotFound("network " + term + " not found"));
    }

    @Override
    public Uni<Attachment> reassignPorts(ConnectRequest request, List<Integer> taken) {
        return connect(request);
    }

    @Override
    public Uni<Void> check(Map<String, EndpointRequest> endpoints) {
        return endpoints
                        .getOrDefault("bridge", new EndpointRequest("", "", List.of()))
                        .ipv4Address()
                        .isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.createFrom().failure(new EngineError.BadParameter("invalid config for network bridge"));
    }

    @Override
    public Uni<Void> bring(String hostId, List<String> networkIds) {
        return Uni.createFrom().voidItem();
    }
}
