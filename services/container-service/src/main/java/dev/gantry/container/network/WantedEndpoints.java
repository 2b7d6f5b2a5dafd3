package dev.gantry.container.network;

import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.network.Networks.EndpointRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a client asked for on the networks of a container, as network-service is asked for it. */
public final class WantedEndpoints {
    private WantedEndpoints() {}

    /** @param asked by network name or id */
    public static Map<String, EndpointRequest> of(Map<String, EndpointSettings> asked) {
        Map<String, EndpointRequest> requests = new LinkedHashMap<>();
        asked.forEach((network, settings) -> requests.put(network, of(settings)));
        return requests;
    }

    public static EndpointRequest of(EndpointSettings settings) {
        EndpointSettings.IpamConfig addresses = settings.ipamConfig() == null
                ? new EndpointSettings.IpamConfig("", "", List.of())
                : settings.ipamConfig();
        return new EndpointRequest(
                addresses.ipv4Address(),
                addresses.ipv6Address(),
                addresses.linkLocalIps(),
                settings.macAddress().isEmpty() ? "" : MacAddress.canonical(settings.macAddress()),
                settings.aliases() == null ? List.of() : settings.aliases(),
                settings.gwPriority(),
                links(settings.links()));
    }

    private static Map<String, String> links(List<String> asked) {
        Map<String, String> links = new LinkedHashMap<>();
        if (asked != null) {
            asked.stream().map(Link::parse).forEach(link -> links.put(link.alias(), link.name()));
        }
        return links;
    }
}
