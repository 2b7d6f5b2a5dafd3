package dev.gantry.container.network;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.container.PortBinding;
import dev.gantry.engine.network.Networks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a container wants of network-service. */
public final class ConnectRequests {
    private static final TypeReference<LinkedHashMap<String, EndpointSettings>> ENDPOINTS = new TypeReference<>() {};

    private ConnectRequests() {}

    public static Networks.ConnectRequest of(ContainerEntity container) {
        ContainerConfig config = container.config();
        HostConfig host = container.hostConfig();
        return new Networks.ConnectRequest(
                container.hostId,
                container.id,
                container.name,
                config.hostname(),
                config.networkDisabled() ? "none" : host.networkMode(),
                config.networkDisabled() ? Map.of() : endpoints(container),
                ports(host),
                config.exposedPorts() == null
                        ? List.of()
                        : List.copyOf(config.exposedPorts().keySet()),
                host.publishAllPorts());
    }

    /** Of a network that it has been on, that very one: another of the same name is not meant. */
    private static Map<String, Networks.EndpointRequest> endpoints(ContainerEntity container) {
        Map<String, Networks.EndpointRequest> wanted = new LinkedHashMap<>();
        StoredJson.read(container.endpoints, ENDPOINTS)
                .forEach((network, settings) -> wanted.put(
                        settings.networkId().isEmpty() || AskedNetworks.isPredefined(network)
                                ? network
                                : settings.networkId(),
                        WantedEndpoints.of(settings)));
        return wanted;
    }

    private static Map<String, List<Networks.PortBinding>> ports(HostConfig host) {
        Map<String, List<Networks.PortBinding>> ports = new LinkedHashMap<>();
        host.portBindings().forEach((port, bindings) -> {
            List<PortBinding> wanted = bindings == null ? List.of() : bindings;
            List<Networks.PortBinding> all = ports.computeIfAbsent(
                    port.indexOf('/') < 0 ? port + "/tcp" : port.toLowerCase(Locale.ROOT), _ -> new ArrayList<>());
            wanted.forEach(binding -> all.add(new Networks.PortBinding(binding.hostIp(), binding.hostPort())));
        });
        return ports;
    }
}
