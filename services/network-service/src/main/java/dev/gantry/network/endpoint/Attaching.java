package dev.gantry.network.endpoint;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.engine.network.Networks.Attachment;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.engine.network.Networks.PortBinding;
import dev.gantry.network.address.IpFamily;
import dev.gantry.network.port.HostPorts;
import dev.gantry.network.state.Driver;
import dev.gantry.network.state.EndpointEntity;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkOnHost;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A network with a container's endpoint on it.
 *
 * @param place on the container's host; null on networks without addresses
 * @param asked what the client wants there
 * @param endpoint null until there is one
 */
record Attaching(NetworkEntity network, NetworkOnHost place, EndpointRequest asked, EndpointEntity endpoint) {
    private static final int SHORT_ID = 12;

    /** As dockerd prefers them: by priority, then by name. */
    private static final Comparator<Attaching> GATEWAYS = Comparator.comparingLong(
                    (Attaching one) -> one.asked.gwPriority())
            .reversed()
            .thenComparing(one -> one.network.name);

    /** The attachment for the agent and for {@code inspect}; published ports lead to the endpoint with the default route. */
    static Attachment attachment(ConnectRequest request, List<Attaching> all, List<PublishedPort> ports) {
        NetworkPlan plan = plan(request, all, ports);
        List<PublishedPort> published = plan.endpoints().stream()
                .flatMap(endpoint -> endpoint.ports().stream())
                .toList();
        return new Attachment(
                plan,
                all.stream()
                        .map(one -> one.endpoint.attached(one.network, one.place, one.names(request)))
                        .toList(),
                shown(request, all, published));
    }

    /** Published ports, and exposed ones: nothing is exposed where no port of the host could lead. */
    private static Map<String, List<PortBinding>> shown(
            ConnectRequest request, List<Attaching> all, List<PublishedPort> published) {
        Map<String, List<PortBinding>> ports = HostPorts.bindings(published);
        if (Stream.of(IpFamily.values())
                .anyMatch(family -> published(all, family).isPresent())) {
            HostPorts.exposed(request).forEach(port -> ports.putIfAbsent(port, List.of()));
        }
        return ports;
    }

    /** The namespace of another container brings its networks with it. */
    static Attachment ofContainer(String containerId) {
        NetworkPlan plan = new NetworkPlan(NetworkPlan.Kind.CONTAINER, containerId, List.of());
        return new Attachment(plan, List.of(), Map.of());
    }

    Attaching with(EndpointEntity made) {
        return new Attaching(network, place, asked, made);
    }

    Attaching at(NetworkOnHost made) {
        return new Attaching(network, made, asked, endpoint);
    }

    /** The one with the family's default route; empty where none leads anywhere. */
    static Optional<Attaching> gateway(List<Attaching> all, IpFamily family) {
        return all.stream()
                .filter(one -> one.hasAddress() && one.network.has(family) && one.network.leadsOut())
                .min(GATEWAYS);
    }

    /** The same, if the host's ports lead to it. */
    static Optional<Attaching> published(List<Attaching> all, IpFamily family) {
        return gateway(all, family).filter(one -> one.network.driver() instanceof Driver.Bridge);
    }

    boolean hasAddress() {
        return place != null;
    }

    /** In dockerd's order; null on the networks where nobody has a name. */
    private List<String> names(ConnectRequest request) {
        if (network.predefined) {
            return null;
        }
        Set<String> names = new LinkedHashSet<>();
        names.add(request.name());
        names.addAll(List.of(endpoint.aliases));
        names.add(request.containerId().substring(0, SHORT_ID));
        names.add(request.hostname());
        names.remove("");
        return List.copyOf(names);
    }

    private static NetworkPlan plan(ConnectRequest request, List<Attaching> all, List<PublishedPort> ports) {
        if (all.stream().anyMatch(one -> one.network.driver() instanceof Driver.Host)) {
            return new NetworkPlan(NetworkPlan.Kind.HOST, "", List.of());
        }
        Attaching ipv4 = gateway(all, IpFamily.V4).orElse(null);
        Attaching ipv6 = gateway(all, IpFamily.V6).orElse(null);
        Attaching ipv4Ports = published(all, IpFamily.V4).orElse(null);
        Attaching ipv6Ports = published(all, IpFamily.V6).orElse(ipv4Ports);
        List<NetworkPlan.Endpoint> endpoints = new ArrayList<>();
        for (Attaching one : all) {
            if (one.hasAddress()) {
                List<String> names = one.names(request);
                List<PublishedPort> its = ports.stream()
                        .filter(port -> one == (port.isIpv6() ? ipv6Ports : ipv4Ports))
                        .toList();
                endpoints.add(one.planned(one == ipv4, one == ipv6, names == null ? List.of() : names, its));
            }
        }
        return new NetworkPlan(
                endpoints.isEmpty() ? NetworkPlan.Kind.NONE : NetworkPlan.Kind.NETWORKS, "", List.copyOf(endpoints));
    }

    private NetworkPlan.Endpoint planned(
            boolean ipv4Route, boolean ipv6Route, List<String> names, List<PublishedPort> ports) {
        return new NetworkPlan.Endpoint(
                endpoint.id,
                place.reference(network, endpoint.address == null ? endpoint.address6 : endpoint.address),
                endpoint.interfaceName,
                cidr(endpoint.address),
                endpoint.address == null || network.isLinkOnly() ? "" : place.gatewayOf(network, endpoint.address),
                endpoint.macAddress,
                ipv4Route,
                endpoint.address6 == null
                        ? null
                        : new NetworkPlan.Ipv6(
                                cidr(endpoint.address6),
                                network.isLinkOnly() ? "" : place.gatewayOf(network, endpoint.address6),
                                ipv6Route),
                List.of(endpoint.linkLocal),
                names,
                names.isEmpty() ? Map.of() : asked.links(),
                ports);
    }

    private String cidr(String address) {
        return address == null ? "" : address + "/" + place.prefixLength(network, address);
    }
}
