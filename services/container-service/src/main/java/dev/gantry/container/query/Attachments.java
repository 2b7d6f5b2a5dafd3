package dev.gantry.container.query;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.gantry.container.network.AskedNetworks;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.NetworkSettings;
import dev.gantry.engine.container.PortBinding;
import dev.gantry.engine.network.Networks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A container's attachment as the API shows it: what it got while it runs, what it asked for otherwise. */
final class Attachments {
    private static final TypeReference<Map<String, EndpointSettings>> ENDPOINTS = new TypeReference<>() {};

    private Attachments() {}

    /**
     * @param attachment null while detached
     * @param asked the column {@code endpoints}
     */
    static Map<String, EndpointSettings> endpoints(Networks.Attachment attachment, String asked) {
        Map<String, EndpointSettings> wanted = StoredJson.read(asked, ENDPOINTS);
        if (attachment == null || attachment.endpoints().isEmpty()) {
            return wanted;
        }
        Map<String, EndpointSettings> shown = new TreeMap<>();
        attachment
                .endpoints()
                .forEach(endpoint -> shown.put(
                        endpoint.networkName(),
                        shown(endpoint, AskedNetworks.of(wanted, endpoint.networkId(), endpoint.networkName()))));
        return shown;
    }

    private static EndpointSettings shown(Networks.AttachedEndpoint endpoint, EndpointSettings wanted) {
        return new EndpointSettings(
                wanted == null ? null : wanted.ipamConfig(),
                wanted == null ? null : wanted.links(),
                wanted == null ? null : wanted.aliases(),
                endpoint.macAddress(),
                wanted == null ? null : wanted.driverOpts(),
                wanted == null ? 0 : wanted.gwPriority(),
                endpoint.networkId(),
                endpoint.endpointId(),
                endpoint.gateway(),
                endpoint.ipAddress(),
                endpoint.ipPrefixLen(),
                endpoint.ipv6Gateway(),
                endpoint.ipv6Address(),
                endpoint.ipv6PrefixLen(),
                endpoint.dnsNames());
    }

    /** Published ports, and exposed ones without bindings (null). */
    static Map<String, List<PortBinding>> ports(Networks.Attachment attachment) {
        Map<String, List<PortBinding>> ports = new LinkedHashMap<>();
        if (attachment == null) {
            return ports;
        }
        attachment
                .ports()
                .forEach((port, bindings) -> ports.put(
                        port,
                        bindings == null || bindings.isEmpty()
                                ? null
                                : bindings.stream()
                                        .map(binding -> new PortBinding(binding.hostIp(), binding.hostPort()))
                                        .toList()));
        return ports;
    }

    /** The column PORTS of {@code docker ps}. */
    static List<ContainerSummary.Port> summary(Map<String, List<PortBinding>> ports) {
        List<ContainerSummary.Port> list = new ArrayList<>();
        ports.forEach((port, bindings) -> {
            String[] parts = port.split("/", 2);
            int number = Integer.parseInt(parts[0]);
            String protocol = parts.length == 2 ? parts[1] : "tcp";
            if (bindings == null) {
                list.add(new ContainerSummary.Port("", number, 0, protocol));
            } else {
                bindings.stream()
                        .map(binding -> port(binding, number, protocol))
                        .distinct()
                        .forEach(list::add);
            }
        });
        return list;
    }

    /** One that a container has at its own address only is shown as one that is exposed. */
    private static ContainerSummary.Port port(PortBinding binding, int number, String protocol) {
        return binding.hostPort().isEmpty()
                ? new ContainerSummary.Port("", number, 0, protocol)
                : new ContainerSummary.Port(binding.hostIp(), number, Integer.parseInt(binding.hostPort()), protocol);
    }

    static NetworkSettings settings(
            Networks.Attachment attachment,
            Map<String, List<PortBinding>> ports,
            Map<String, EndpointSettings> endpoints,
            String containerId,
            String namespacePath) {
        EndpointSettings bridge = endpoints.get("bridge");
        boolean attached = attachment != null;
        boolean onBridge = attached && bridge != null;
        // It has none of its own when it is in another container's, or was made without.
        boolean sandbox = attached && !attachment.endpoints().isEmpty();
        return new NetworkSettings(
                "",
                sandbox ? containerId : "",
                sandbox ? namespacePath : "",
                ports,
                false,
                "",
                0,
                null,
                null,
                onBridge ? bridge.endpointId() : "",
                onBridge ? bridge.gateway() : "",
                "",
                0,
                onBridge ? bridge.ipAddress() : "",
                onBridge ? bridge.ipPrefixLen() : 0,
                "",
                onBridge ? bridge.macAddress() : "",
                endpoints);
    }
}
