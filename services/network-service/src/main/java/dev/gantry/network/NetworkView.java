package dev.gantry.network;

import dev.gantry.engine.network.Network;
import dev.gantry.network.endpoint.EndpointEntity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A network as the API shows it. */
final class NetworkView {
    private NetworkView() {}

    /** @param endpoints those on the network */
    static Network of(NetworkEntity network, List<EndpointEntity> endpoints) {
        Map<String, Network.Endpoint> containers = new LinkedHashMap<>();
        for (EndpointEntity endpoint : endpoints) {
            containers.put(endpoint.containerId, endpoint(network, endpoint));
        }
        return new Network(
                network.name,
                network.id,
                network.createdAt,
                NetworkEntity.LOCAL,
                network.driver,
                true,
                false,
                ipam(network),
                false,
                false,
                false,
                new Network.ConfigReference(""),
                false,
                containers,
                network.options,
                network.labels);
    }

    private static Network.Ipam ipam(NetworkEntity network) {
        return new Network.Ipam(
                "default",
                null,
                network.hasAddresses() ? List.of(new Network.IpamConfig(network.subnet, network.gateway)) : List.of());
    }

    private static Network.Endpoint endpoint(NetworkEntity network, EndpointEntity endpoint) {
        return new Network.Endpoint(
                endpoint.containerName,
                endpoint.id,
                endpoint.macAddress == null ? "" : endpoint.macAddress,
                endpoint.address == null ? "" : endpoint.address + "/" + network.prefixLength(),
                "");
    }
}
