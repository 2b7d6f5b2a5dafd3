package dev.gantry.agent.network;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.api.PortTaken;
import dev.gantry.agent.linux.Sockets;
import dev.gantry.agent.network.Ruleset.Forwarding;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import org.jboss.logging.Logger;

/**
 * Holds a socket on each published port, so that nobody else takes it and a port that is taken is noticed. For TCP and
 * UDP the socket also relays: what the firewall does not translate (IPv6 from the host itself or to a container that has only IPv4, or everything after someone flushed the rules) gets
 * through all the same.
 */
final class HostPorts implements Closeable {
    private static final Logger LOG = Logger.getLogger(HostPorts.class);

    private static final String IN_USE = "address already in use";

    private final Map<String, Held> held = new HashMap<>();
    private final ThreadFactory relays;
    private final PortSelector selector;

    private final PortLimits limits;
    private final Semaphore connections;
    private final Semaphore clients;

    /** @param relays makes the threads that relay */
    HostPorts(ThreadFactory relays, PortLimits limits) throws IOException {
        this.relays = relays;
        this.limits = limits;
        this.connections = new Semaphore(limits.connections());
        this.clients = new Semaphore(limits.clients());
        this.selector = new PortSelector();
    }

    /** The sockets of one endpoint. */
    private record Held(List<PortSelector.Port> relayed, List<Closeable> others) {
        Held() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        int size() {
            return relayed.size() + others.size();
        }
    }

    /**
     * Takes all the ports or none.
     *
     * @throws AgentFailure PORT_IN_USE, with the words of {@link PortTaken}; NO_SPACE when it would be too many
     */
    synchronized void reserve(String endpointId, List<Forwarding> ports) {
        if (ports.isEmpty()) {
            return;
        }
        if (!fits(ports)) {
            throw new AgentFailure(AgentFailure.Code.NO_SPACE, tooMany(ports));
        }
        Held sockets = new Held();
        Map<String, InetSocketAddress> onBothFamilies = onBothFamilies(ports);
        Set<String> bound = new HashSet<>();
        for (Forwarding forwarding : single(ports)) {
            try {
                if (bound.add(key(forwarding.port()))) {
                    bind(forwarding, onBothFamilies, sockets);
                }
            } catch (IOException e) {
                close(sockets);
                String reason = reason(e);
                throw new AgentFailure(
                        reason.equals(IN_USE) ? AgentFailure.Code.PORT_IN_USE : AgentFailure.Code.INTERNAL,
                        PortTaken.message(forwarding.port(), reason),
                        e);
            }
        }
        hold(endpointId, sockets);
    }

    /**
     * As {@link #reserve} for an endpoint of a container that runs already: a port that someone took, or that are too many
     * ports, is only logged. The firewall has them led to it all the same.
     */
    synchronized void readopt(String endpointId, List<Forwarding> ports) {
        if (!fits(ports)) {
            release(endpointId);
            LOG.warnf("endpoint %s goes on without sockets on its published ports: %s", endpointId, tooMany(ports));
            return;
        }
        Held sockets = new Held();
        Map<String, InetSocketAddress> onBothFamilies = onBothFamilies(ports);
        Set<String> bound = new HashSet<>();
        for (Forwarding forwarding : single(ports)) {
            try {
                if (bound.add(key(forwarding.port()))) {
                    bind(forwarding, onBothFamilies, sockets);
                }
            } catch (IOException e) {
                LOG.debugf("endpoint %s: %s", endpointId, PortTaken.message(forwarding.port(), reason(e)));
            }
        }
        hold(endpointId, sockets);
    }

    private boolean fits(List<Forwarding> ports) {
        return inUse() + wanted(ports) <= limits.sockets();
    }

    private int inUse() {
        return held.values().stream().mapToInt(Held::size).sum();
    }

    private String tooMany(List<Forwarding> ports) {
        return "publishing %d ports is more than this host has room for: %d of %d are published already"
                .formatted(wanted(ports), inUse(), limits.sockets());
    }

    /** How many sockets the ports take: counted by runs, before there is anything for each port of them. */
    private static long wanted(List<Forwarding> runs) {
        List<PublishedPort> sorted = runs.stream()
                .map(Forwarding::port)
                .filter(port -> !port.isOpenOnly())
                .sorted(Comparator.comparing(HostPorts::sharing).thenComparing(PublishedPort::hostPort))
                .toList();
        long sockets = 0;
        long counted = 0;
        String among = "";
        for (PublishedPort run : sorted) {
            if (!sharing(run).equals(among)) {
                among = sharing(run);
                counted = 0;
            }
            long end = (long) run.hostPort() + run.count();
            sockets += Math.max(0, end - Math.max(counted, run.hostPort()));
            counted = Math.max(counted, end);
        }
        return sockets;
    }

    /** Those that take a port of the host. */
    private static List<Forwarding> single(List<Forwarding> runs) {
        return runs.stream()
                .filter(run -> !run.port().isOpenOnly())
                .flatMap(run -> run.port().each().map(port -> new Forwarding(port, run.address())))
                .toList();
    }

    private void hold(String endpointId, Held sockets) {
        release(endpointId);
        try {
            selector.add(sockets.relayed());
        } catch (IOException e) {
            close(sockets);
            throw new AgentFailure(
                    AgentFailure.Code.INTERNAL, "cannot serve the published ports: " + e.getMessage(), e);
        }
        held.put(endpointId, sockets);
    }

    synchronized void release(String endpointId) {
        Held sockets = held.remove(endpointId);
        if (sockets != null) {
            close(sockets);
        }
    }

    private void close(Held sockets) {
        selector.remove(sockets.relayed());
        for (Closeable socket : sockets.others()) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("socket", e);
            }
        }
    }

    @Override
    public synchronized void close() {
        List.copyOf(held.keySet()).forEach(this::release);
        try {
            selector.close();
        } catch (IOException e) {
            LOG.debug("selector", e);
        }
    }

    /**
     * Where the ports on every IPv6 address lead, as {@link #key} names them. One socket serves 0.0.0.0 and [::] of the
     * same port: Java's IPv6 sockets take IPv4 as well.
     */
    private static Map<String, InetSocketAddress> onBothFamilies(List<Forwarding> all) {
        Map<String, InetSocketAddress> targets = new HashMap<>();
        single(all.stream()
                        .filter(one -> isWildcard(one.port()) && one.port().isIpv6())
                        .toList())
                .forEach(one -> targets.put(key(one.port()), target(one)));
        return targets;
    }

    private static String key(PublishedPort port) {
        return sharing(port) + " " + port.hostPort();
    }

    /** Among ports of which this is the same, those with the same number share a socket. */
    private static String sharing(PublishedPort port) {
        return port.protocol() + " " + (isWildcard(port) ? "*" : port.hostIp());
    }

    private void bind(Forwarding forwarding, Map<String, InetSocketAddress> onBothFamilies, Held sockets)
            throws IOException {
        PublishedPort port = forwarding.port();
        boolean bothFamilies = onBothFamilies.containsKey(key(port));
        InetAddress address =
                InetAddress.ofLiteral(bothFamilies ? "::" : port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp());
        boolean ipv6 = bothFamilies || port.isIpv6();
        InetSocketAddress local = new InetSocketAddress(address, port.hostPort());
        StandardProtocolFamily family = ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
        Targets targets = new Targets(target(forwarding), onBothFamilies.getOrDefault(key(port), target(forwarding)));
        switch (port.protocol()) {
            case "udp" -> sockets.relayed().add(bindDatagram(family, local, targets));
            case "sctp" -> sockets.others().add(Sockets.bindSctp(local.getAddress(), port.hostPort()));
            default -> sockets.relayed().add(bindStream(family, local, targets));
        }
    }

    private PortRelay bindStream(StandardProtocolFamily family, InetSocketAddress local, Targets targets)
            throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(family);
        try {
            server.bind(local, 128);
        } catch (IOException e) {
            server.close();
            throw e;
        }
        return new PortRelay(server, targets, connections, relays);
    }

    private DatagramRelay bindDatagram(StandardProtocolFamily family, InetSocketAddress local, Targets targets)
            throws IOException {
        DatagramChannel channel = DatagramChannel.open(family);
        try {
            channel.bind(local);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new DatagramRelay(channel, targets, clients, relays);
    }

    private static InetSocketAddress target(Forwarding forwarding) {
        return new InetSocketAddress(
                InetAddress.ofLiteral(forwarding.address()), forwarding.port().containerPort());
    }

    private static boolean isWildcard(PublishedPort port) {
        return port.hostIp().isEmpty()
                || port.hostIp().equals("0.0.0.0")
                || port.hostIp().equals("::");
    }

    /** As Go words it, since clients read it. */
    private static String reason(IOException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("already in use")
                ? IN_USE
                : message.contains("cannot assign") ? "cannot assign requested address" : message;
    }
}
