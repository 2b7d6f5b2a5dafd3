package dev.gantry.agent.network;

import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.linux.ConnectionTracking;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.network.ContainerNamespaces.Inside;
import dev.gantry.agent.network.Links.Link;
import dev.gantry.agent.network.Ruleset.Forwarding;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The parts of a single endpoint: its claim on its network and its host ports, its veth pair, and the rules that lead to
 * its ports. They are made in this order; taking one away that is not there is no error.
 */
final class Endpoints {
    private static final Logger LOG = Logger.getLogger(Endpoints.class);

    /** Of the interfaces that an endpoint may have: on the host, or in the container. */
    private static final Set<String> KINDS = Set.of("veth", "macvlan", "ipvlan");

    private final String owner;
    private final Links links;
    private final HostAddresses addresses;
    private final KnownNetworks networks;
    private final Places places;
    private final HostPorts ports;
    private final Firewall firewall;
    private final ConnectionTracking tracking;

    /** @param owner what the alias of our interfaces begins with */
    Endpoints(
            String owner,
            Links links,
            HostAddresses addresses,
            KnownNetworks networks,
            Places places,
            HostPorts ports,
            Firewall firewall,
            ConnectionTracking tracking) {
        this.owner = owner;
        this.links = links;
        this.addresses = addresses;
        this.networks = networks;
        this.places = places;
        this.ports = ports;
        this.firewall = firewall;
        this.tracking = tracking;
    }

    /** Of an interface that is, or is one end of, an endpoint. */
    record Owner(String containerId, String endpointId) {}

    /**
     * What an endpoint needs before it has an interface; all of it or nothing.
     *
     * @throws dev.gantry.agent.api.AgentFailure UNKNOWN_NETWORK or PORT_IN_USE
     */
    void reserve(Endpoint endpoint) {
        networks.claim(endpoint);
        try {
            reservePorts(endpoint);
        } catch (RuntimeException e) {
            networks.release(endpoint.endpointId());
            throw e;
        }
    }

    /** Index of the interface that the endpoint goes to, which is made if it is not there. */
    int place(Endpoint endpoint) throws IOException {
        return places.ensure(placeOf(endpoint));
    }

    /** Whether nothing of the endpoint is on the host: its interface is all in the container. */
    boolean isInsideOnly(Endpoint endpoint) {
        return networks.place(endpoint.network().id())
                .filter(Parent.class::isInstance)
                .isPresent();
    }

    /**
     * Makes the container's interface; nothing of it is left when that fails.
     *
     * @param placeIndex of {@link #place}
     * @return name of its end on the host; empty where it has none
     */
    String connect(String containerId, Endpoint endpoint, int placeIndex, Inside inside) throws IOException {
        String alias = owner + ":" + containerId + ":" + endpoint.endpointId();
        return switch (placeOf(endpoint)) {
            case Bridge bridge -> connect(bridge, alias, endpoint, placeIndex, inside);
            case Parent parent -> connect(parent, alias, endpoint, placeIndex, inside);
        };
    }

    private String connect(Bridge bridge, String alias, Endpoint endpoint, int bridgeIndex, Inside inside)
            throws IOException {
        String name =
                "veth" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        try {
            links.createVeth(
                    name,
                    alias,
                    bridgeIndex,
                    bridge.mtu(),
                    !bridge.icc(),
                    !endpoint.ports().isEmpty(),
                    new Links.Peer(inside.namespaceFd(), endpoint.interfaceName(), endpoint.macAddress()));
            configure(endpoint, inside);
            return name;
        } catch (IOException | RuntimeException e) {
            deleteLink(name);
            throw e;
        }
    }

    private String connect(Parent parent, String alias, Endpoint endpoint, int parentIndex, Inside inside)
            throws IOException {
        Links.Peer peer = new Links.Peer(inside.namespaceFd(), endpoint.interfaceName(), endpoint.macAddress());
        try {
            links.createChild(parent, parentIndex, peer);
        } catch (ErrnoException e) {
            throw Parents.refused(parent, e);
        }
        try {
            inside.links().alias(endpoint.interfaceName(), alias);
            configure(endpoint, inside);
            return "";
        } catch (IOException | RuntimeException e) {
            inside.links().delete(endpoint.interfaceName());
            throw e;
        }
    }

    private static void configure(Endpoint endpoint, Inside inside) throws IOException {
        inside.ipv6(endpoint.interfaceName(), endpoint.ipv6() != null);
        inside.links().configure(inside.links().indexOf(endpoint.interfaceName()), addresses(endpoint));
        if (endpoint.defaultRoute()) {
            route(inside.links(), endpoint);
        }
        if (endpoint.ipv6() != null && endpoint.ipv6().defaultRoute()) {
            ipv6Route(inside.links(), endpoint);
        }
    }

    /** Leads everything to the endpoint's gateway that is not on a network of the container. */
    static void route(Links inside, Endpoint endpoint) throws IOException {
        route(inside, endpoint, endpoint.gateway(), false);
    }

    /** The same for IPv6. */
    static void ipv6Route(Links inside, Endpoint endpoint) throws IOException {
        route(inside, endpoint, endpoint.ipv6().gateway(), true);
    }

    private static void route(Links inside, Endpoint endpoint, String gateway, boolean ipv6) throws IOException {
        int index = inside.indexOf(endpoint.interfaceName());
        if (gateway.isEmpty()) {
            inside.defaultRoute(index, ipv6);
        } else {
            inside.defaultRoute(index, InetAddress.ofLiteral(gateway).getAddress());
        }
    }

    private static List<Cidr> addresses(Endpoint endpoint) {
        return Stream.concat(endpoint.addresses().stream(), endpoint.linkLocal().stream())
                .map(Cidr::parse)
                .toList();
    }

    /**
     * Takes the endpoint's host ports.
     *
     * @throws dev.gantry.agent.api.AgentFailure PORT_IN_USE
     */
    void reservePorts(Endpoint endpoint) {
        ports.reserve(endpoint.endpointId(), forwardings(endpoint));
    }

    /** Lets the endpoint's ports lead to it. */
    void publish(Endpoint endpoint) throws IOException {
        List<Forwarding> forwardings = forwardings(endpoint);
        firewall.publish(endpoint.endpointId(), forwardings);
        forgetDatagrams(forwardings);
    }

    /** Takes everything away but the interface, which may take longer. */
    void withdraw(Endpoint endpoint) {
        unpublish(endpoint);
        networks.release(endpoint.endpointId());
    }

    /** Undoes {@link #publish} and {@link #reservePorts}. */
    void unpublish(Endpoint endpoint) {
        try {
            firewall.withdraw(endpoint.endpointId());
        } catch (IOException e) {
            LOG.warnf(e, "rules of endpoint %s", endpoint.endpointId());
        }
        ports.release(endpoint.endpointId());
        forgetDatagrams(forwardings(endpoint));
    }

    void deleteLink(String name) {
        try {
            links.delete(name);
        } catch (IOException e) {
            // The kernel deletes it too, when the namespace at its other end goes.
            LOG.debugf("%s: %s", name, e.getMessage());
        }
    }

    /** Whose interface that is, if it is one of ours. */
    Optional<Owner> ownerOf(Link link) {
        String prefix = owner + ":";
        if (!KINDS.contains(link.kind()) || !link.alias().startsWith(prefix)) {
            return Optional.empty();
        }
        String[] ids = link.alias().substring(prefix.length()).split(":", 2);
        return Optional.of(new Owner(ids[0], ids.length < 2 ? "" : ids[1]));
    }

    static List<Forwarding> forwardings(Endpoint endpoint) {
        List<String> addresses = endpoint.hostAddresses();
        return endpoint.ports().stream()
                .map(port -> new Forwarding(port, target(port, addresses)))
                .toList();
    }

    /** The address of the port's own family; what there is where there is none of it, by a relay. */
    private static String target(PublishedPort port, List<String> addresses) {
        return port.isIpv6() ? addresses.getLast() : addresses.getFirst();
    }

    private Place placeOf(Endpoint endpoint) throws IOException {
        return networks.place(endpoint.network().id())
                .orElseThrow(
                        () -> new IOException("network " + endpoint.network().id() + " is gone"));
    }

    /** So that a client which keeps its socket reaches the container that has the port now. */
    private void forgetDatagrams(List<Forwarding> forwardings) {
        Set<Integer> udp = forwardings.stream()
                .map(Forwarding::port)
                .filter(port -> port.protocol().equals("udp") && !port.isOpenOnly())
                .flatMap(PublishedPort::each)
                .map(PublishedPort::hostPort)
                .collect(Collectors.toSet());
        if (udp.isEmpty()) {
            return;
        }
        try {
            Set<InetAddress> own = addresses.assigned().stream()
                    .map(assigned -> assigned.cidr().address())
                    .collect(Collectors.toSet());
            tracking.forgetUdp(udp, address -> address.isLoopbackAddress() || own.contains(address));
        } catch (IOException e) {
            LOG.warnf("UDP clients may go on with what had the ports %s before: %s", udp, e.getMessage());
        }
    }
}
