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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import org.jboss.logging.Logger;

/**
 * Holds a socket on each published port, so that nobody else takes it and a port that is taken is noticed. For TCP and
 * UDP the socket also relays: what the firewall does not translate (IPv6, or everything after someone flushed the rules) gets
 * through all the same.
 */
final class HostPorts {
    private static final Logger LOG = Logger.getLogger(HostPorts.class);

    private static final String IN_USE = "address already in use";

    private final Map<String, List<Closeable>> held = new HashMap<>();
    private final ThreadFactory relays;

    /** @param relays makes the threads that relay */
    HostPorts(ThreadFactory relays) {
        this.relays = relays;
    }

    /**
     * Takes all the ports or none.
     *
     * @throws AgentFailure PORT_IN_USE, with the words of {@link PortTaken}
     */
    synchronized void reserve(String containerId, List<Forwarding> ports) {
        if (ports.isEmpty()) {
            return;
        }
        List<Closeable> sockets = new ArrayList<>();
        Set<String> bound = new HashSet<>();
        for (Forwarding forwarding : ports) {
            try {
                if (bound.add(key(forwarding.port()))) {
                    sockets.add(bind(forwarding, reachesBothFamilies(forwarding.port(), ports)));
                }
            } catch (IOException e) {
                sockets.forEach(HostPorts::close);
                String reason = reason(e);
                throw new AgentFailure(
                        reason.equals(IN_USE) ? AgentFailure.Code.PORT_IN_USE : AgentFailure.Code.INTERNAL,
                        PortTaken.message(forwarding.port(), reason),
                        e);
            }
        }
        release(containerId);
        held.put(containerId, sockets);
    }

    /** As {@link #reserve} for containers that run already: a port that someone took meanwhile is only logged. */
    synchronized void readopt(String containerId, List<Forwarding> ports) {
        List<Closeable> sockets = new ArrayList<>();
        for (Forwarding forwarding : ports) {
            try {
                sockets.add(bind(forwarding, reachesBothFamilies(forwarding.port(), ports)));
            } catch (IOException e) {
                LOG.debugf("container %s: %s", containerId, PortTaken.message(forwarding.port(), reason(e)));
            }
        }
        release(containerId);
        held.put(containerId, sockets);
    }

    synchronized void release(String containerId) {
        List<Closeable> sockets = held.remove(containerId);
        if (sockets != null) {
            sockets.forEach(HostPorts::close);
        }
    }

    /** One socket serves 0.0.0.0 and [::] of the same port: Java's IPv6 sockets take IPv4 as well. */
    private static boolean reachesBothFamilies(PublishedPort port, List<Forwarding> all) {
        return isWildcard(port)
                && all.stream()
                        .map(Forwarding::port)
                        .anyMatch(other -> isWildcard(other)
                                && isIpv6(other)
                                && other.hostPort() == port.hostPort()
                                && other.protocol().equals(port.protocol()));
    }

    private static String key(PublishedPort port) {
        String address = isWildcard(port) ? "*" : port.hostIp();
        return port.protocol() + " " + address + " " + port.hostPort();
    }

    private Closeable bind(Forwarding forwarding, boolean bothFamilies) throws IOException {
        PublishedPort port = forwarding.port();
        InetAddress address =
                InetAddress.ofLiteral(bothFamilies ? "::" : port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp());
        boolean ipv6 = bothFamilies || isIpv6(port);
        InetSocketAddress local = new InetSocketAddress(address, port.hostPort());
        StandardProtocolFamily family = ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
        return switch (port.protocol()) {
            case "udp" -> bindDatagram(family, local, forwarding);
            case "sctp" -> Sockets.bindSctp(local.getAddress(), port.hostPort());
            default -> bindStream(family, local, forwarding);
        };
    }

    private Closeable bindStream(StandardProtocolFamily family, InetSocketAddress local, Forwarding forwarding)
            throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(family);
        try {
            server.bind(local, 128);
        } catch (IOException e) {
            server.close();
            throw e;
        }
        return PortRelay.start(server, target(forwarding), relays);
    }

    private Closeable bindDatagram(StandardProtocolFamily family, InetSocketAddress local, Forwarding forwarding)
            throws IOException {
        DatagramChannel channel = DatagramChannel.open(family);
        try {
            channel.bind(local);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return DatagramRelay.start(channel, target(forwarding), relays);
    }

    private static InetSocketAddress target(Forwarding forwarding) {
        return new InetSocketAddress(
                InetAddress.ofLiteral(forwarding.address()), forwarding.port().containerPort());
    }

    private static boolean isIpv6(PublishedPort port) {
        return port.hostIp().indexOf(':') >= 0;
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

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("socket", e);
        }
    }
}
