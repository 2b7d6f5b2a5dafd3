package dev.gantry.agent.network;

import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.linux.ConnectionTracking;
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

    private final String owner;
    private final Links links;
    private final HostAddresses addresses;
    private final KnownNetworks networks;
    private final Bridges bridges;
    private final HostPorts ports;
    private final Firewall firewall;
    private final ConnectionTracking tracking;

    /** @param owner what the alias of our interfaces begins with */
    Endpoints(
            String owner,
            Links links,
            HostAddresses addresses,
            KnownNetworks networks,
            Bridges bridges,
            HostPorts ports,
            Firewall firewall,
            ConnectionTracking tracking) {
        this.owner = owner;
        this.links = links;
        this.addresses = addresses;
        this.networks = networks;
        this.bridges = bridges;
        this.ports = ports;
        this.firewall = firewall;
        this.tracking = tracking;
    }

    /** An interface on the host that is one end of an endpoint. */
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

    /** Index of the bridge that the endpoint goes to, which is made if it is not there. */
    int bridge(Endpoint endpoint) throws IOException {
        return bridges.ensure(place(endpoint));
    }

    /**
     * Makes the veth pair; nothing of it is left on the host when that fails.
     *
     * @return name of the end on the host
     */
    String connect(String containerId, Endpoint endpoint, int bridgeIndex, Inside inside) throws IOException {
        Bridge bridge = place(endpoint);
        String name =
                "veth" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        try {
            links.createVeth(
                    name,
                    owner + ":" + containerId + ":" + endpoint.endpointId(),
                    bridgeIndex,
                    bridge.mtu(),
                    !bridge.icc(),
                    !endpoint.ports().isEmpty(),
                    new Links.Peer(inside.namespaceFd(), endpoint.interfaceName(), endpoint.macAddress()));
            inside.ipv6(endpoint.interfaceName(), endpoint.ipv6() != null);
            inside.links().configure(inside.links().indexOf(endpoint.interfaceName()), addresses(endpoint));
            if (endpoint.defaultRoute()) {
                route(inside.links(), endpoint);
            }
            if (endpoint.ipv6() != null && endpoint.ipv6().defaultRoute()) {
                ipv6Route(inside.links(), endpoint);
            }
            return name;
        } catch (IOException | RuntimeException e) {
            deleteLink(name);
            throw e;
        }
    }

    /** Leads everything to the endpoint's gateway that is not on a network of the container. */
    static void route(Links inside, Endpoint endpoint) throws IOException {
        route(inside, endpoint, endpoint.gateway());
    }

    /** The same for IPv6. */
    static void ipv6Route(Links inside, Endpoint endpoint) throws IOException {
        route(inside, endpoint, endpoint.ipv6().gateway());
    }

    private static void route(Links inside, Endpoint endpoint, String gateway) throws IOException {
        if (!gateway.isEmpty()) {
            inside.defaultRoute(
                    inside.indexOf(endpoint.interfaceName()),
                    InetAddress.ofLiteral(gateway).getAddress());
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
        if (!link.kind().equals("veth") || !link.alias().startsWith(prefix)) {
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

    private Bridge place(Endpoint endpoint) throws IOException {
        return networks.bridge(endpoint.network().id())
                .orElseThrow(
                        () -> new IOException("network " + endpoint.network().id() + " is gone"));
    }

    /** So that a client which keeps its socket reaches the container that has the port now. */
    private void forgetDatagrams(List<Forwarding> forwardings) {
        Set<Integer> udp = forwardings.stream()
                .map(Forwarding::port)
                .filter(port -> port.protocol().equals("udp"))
                .flatMap(PublishedPort::each)
                .map(PublishedPort::hostPort)
                .collect(Collectors.toSet());
        if (udp.isEmpty()) {
            return;
        }
        try {
            List<String> own = addresses.own();
            tracking.forgetUdp(udp, address -> address.isLoopbackAddress() || own.contains(address.getHostAddress()));
        } catch (IOException e) {
            LOG.warnf("UDP clients may go on with what had the ports %s before: %s", udp, e.getMessage());
        }
    }
}
