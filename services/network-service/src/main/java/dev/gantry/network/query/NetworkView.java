package dev.gantry.network.query;

import dev.gantry.engine.network.Network;
import dev.gantry.network.state.Driver;
import dev.gantry.network.state.EndpointEntity;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkOnHost;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network as the API shows it. Where each host has a subnet of its own, all of them are shown.
 *
 * @param places what hosts have of the network
 */
record NetworkView(NetworkEntity network, List<NetworkOnHost> places) {

    /** @param endpoints those on the network */
    Network with(List<EndpointEntity> endpoints) {
        Map<String, Network.Endpoint> containers = new LinkedHashMap<>();
        for (EndpointEntity endpoint : endpoints) {
            containers.put(endpoint.containerId, endpoint(endpoint));
        }
        return new Network(
                network.name,
                network.id,
                network.createdAt,
                network.scope,
                network.driver,
                network.enableIpv4,
                network.enableIpv6,
                network.ipam == null ? new Network.Ipam("default", null, ipam()) : network.ipam,
                network.internal,
                network.attachable,
                false,
                new Network.ConfigReference(network.configFrom == null ? "" : network.configFrom),
                network.configOnly,
                containers,
                options(),
                network.labels);
    }

    /** Null where there are no addresses to manage. */
    private List<Network.IpamConfig> ipam() {
        if (!(network.driver() instanceof Driver.Addressed)) {
            return null;
        }
        return places.stream()
                .map(place -> new Network.IpamConfig(place.subnet, place.gateway))
                .distinct()
                .toList();
    }

    private Map<String, String> options() {
        if (places.isEmpty() || !network.predefined) {
            return network.options;
        }
        Map<String, String> options = new HashMap<>(network.options);
        options.put(Driver.Bridge.NAME_OPTION, places.getFirst().bridge);
        return options;
    }

    private Network.Endpoint endpoint(EndpointEntity endpoint) {
        return new Network.Endpoint(
                endpoint.containerName,
                endpoint.id,
                endpoint.macAddress == null ? "" : endpoint.macAddress,
                cidr(endpoint, endpoint.address),
                cidr(endpoint, endpoint.address6));
    }

    private String cidr(EndpointEntity endpoint, String address) {
        if (address == null) {
            return "";
        }
        NetworkOnHost of = places.stream()
                .filter(place -> place.hostId.equals(endpoint.hostId))
                .findFirst()
                .orElseThrow();
        return address + "/" + of.prefixLength(network, address);
    }
}
