package dev.gantry.container.fake;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A network-service with {@code bridge}, {@code host} and {@code none}, remembering who is connected. */
@ApplicationScoped
public class FakeNetworks implements Networks {
    /** One that a client made. */
    public static final String OWN = "net";

    private static final Set<String> KNOWN = Set.of("bridge", "host", "none", OWN);

    private final Set<String> connected = ConcurrentHashMap.newKeySet();
    private final Map<String, List<String>> kept = new ConcurrentHashMap<>();
    private final List<String> left = new CopyOnWriteArrayList<>();
    private final AtomicInteger nextPort = new AtomicInteger(32768);

    /** The networks that each container was left last. */
    public Map<String, List<String>> kept() {
        return kept;
    }

    /** Each {@link #left}. */
    public List<String> told() {
        return left;
    }

    public Set<String> connected() {
        return connected;
    }

    @Override
    public Uni<Attachment> connect(ConnectRequest request) {
        List<String> wanted = request.endpoints().keySet().stream()
                .map(FakeNetworks::named)
                .sorted()
                .toList();
        for (String network : wanted) {
            if (!KNOWN.contains(network)) {
                return Uni.createFrom().failure(new EngineError.NotFound("network " + network + " not found"));
            }
        }
        connected.add(request.containerId());
        List<AttachedEndpoint> endpoints = new ArrayList<>();
        List<NetworkPlan.Endpoint> planned = new ArrayList<>();
        for (String network : wanted) {
            List<String> names = network.equals(OWN) ? List.of(request.name()) : null;
            endpoints.add(attached(network, names));
            if (!attached(network, names).ipAddress().isEmpty()) {
                planned.add(planned(network, planned.isEmpty(), names));
            }
        }
        NetworkPlan.Kind kind = planned.isEmpty() ? NetworkPlan.Kind.NONE : NetworkPlan.Kind.NETWORKS;
        boolean host = request.endpoints().containsKey("host");
        return Uni.createFrom()
                .item(new Attachment(
                        new NetworkPlan(host ? NetworkPlan.Kind.HOST : kind, "", planned),
                        endpoints,
                        planned.isEmpty() ? Map.of() : ports(request)));
    }

    /** A container that has been on a network asks for it by its id. */
    private static String named(String word) {
        return word.endsWith("-id") ? word.substring(0, word.length() - "-id".length()) : word;
    }

    private static AttachedEndpoint attached(String network, List<String> names) {
        String address =
                switch (network) {
                    case "bridge" -> "172.30.0.2";
                    case OWN -> "172.31.0.2";
                    default -> "";
                };
        return new AttachedEndpoint(
                network,
                network + "-id",
                network + "-ep",
                "172.30.0.1",
                address,
                16,
                "",
                "",
                0,
                "02:42:00:00:00:02",
                List.of(),
                names);
    }

    private static NetworkPlan.Endpoint planned(String network, boolean first, List<String> names) {
        AttachedEndpoint endpoint = attached(network, names);
        return new NetworkPlan.Endpoint(
                endpoint.endpointId(),
                new NetworkPlan.Network(endpoint.networkId(), 1, network),
                "eth0",
                endpoint.ipAddress() + "/16",
                endpoint.gateway(),
                endpoint.macAddress(),
                first,
                null,
                List.of(),
                names,
                Map.of(),
                List.of());
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

    @Override
    public Uni<Void> disconnect(String containerId) {
        connected.remove(containerId);
        return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Void> keep(String containerId, List<String> networkIds) {
        kept.put(containerId, networkIds);
        return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Void> left(String containerId, String hostId, String networkId) {
        left.add(containerId + " " + networkId);
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
    public Uni<Map<String, Found>> check(Map<String, EndpointRequest> endpoints) {
        return endpoints
                        .getOrDefault("bridge", new EndpointRequest("", "", List.of()))
                        .ipv4Address()
                        .isEmpty()
                ? Uni.createFrom().item(Map.of())
                : Uni.createFrom().failure(new EngineError.BadParameter("invalid config for network bridge"));
    }

    @Override
    public Uni<Void> bring(String hostId, List<String> networkIds) {
        return Uni.createFrom().voidItem();
    }
}
