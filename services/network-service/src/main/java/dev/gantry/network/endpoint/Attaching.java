package dev.gantry.network.endpoint;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.engine.network.Networks.Attachment;
import dev.gantry.network.NetworkEntity;
import dev.gantry.network.port.HostPorts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A network with a container's endpoint on it; the endpoint is null until there is one. */
record Attaching(NetworkEntity network, EndpointEntity endpoint) {

    /** The attachment for the agent and for {@code inspect}; published ports lead to the first endpoint. */
    static Attachment attachment(List<Attaching> all, List<PublishedPort> ports) {
        return new Attachment(
                plan(all, ports),
                all.stream().map(one -> one.endpoint.attached(one.network)).toList(),
                HostPorts.bindings(ports));
    }

    /** The namespace of another container brings its networks with it. */
    static Attachment ofContainer(String containerId) {
        NetworkPlan plan = new NetworkPlan(NetworkPlan.Kind.CONTAINER, containerId, List.of());
        return new Attachment(plan, List.of(), Map.of());
    }

    private static NetworkPlan plan(List<Attaching> all, List<PublishedPort> ports) {
        if (all.stream().anyMatch(one -> one.network.driver.equals("host"))) {
            return new NetworkPlan(NetworkPlan.Kind.HOST, "", List.of());
        }
        List<NetworkPlan.Endpoint> endpoints = new ArrayList<>();
        for (Attaching one : all) {
            if (one.network.hasAddresses()) {
                boolean first = endpoints.isEmpty();
                endpoints.add(one.planned(first, first ? ports : List.of()));
            }
        }
        return new NetworkPlan(
                endpoints.isEmpty() ? NetworkPlan.Kind.NONE : NetworkPlan.Kind.NETWORKS, "", List.copyOf(endpoints));
    }

    private NetworkPlan.Endpoint planned(boolean defaultRoute, List<PublishedPort> ports) {
        return new NetworkPlan.Endpoint(
                endpoint.id,
                network.plan(),
                endpoint.interfaceName,
                endpoint.address + "/" + network.prefixLength(),
                network.gateway,
                endpoint.macAddress,
                defaultRoute,
                List.of(endpoint.aliases),
                ports);
    }
}
