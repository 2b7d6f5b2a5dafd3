package dev.gantry.agent.network;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Bridge;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.linux.ConnectionTracking;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Netlink;
import dev.gantry.agent.linux.Nftables;
import dev.gantry.agent.network.Links.Link;
import dev.gantry.agent.network.Ruleset.Forwarding;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Attaches containers to networks. An attachment is made in this order, and what was made is undone in reverse when a
 * step fails: host ports are taken, the bridge is there, the namespace with its veth pair is filled and pinned, ports
 * lead to it. What a detach leaves for later (deleting a veth takes 15 ms) is already out of use.
 */
@ApplicationScoped
public class HostNetwork {
    private static final Logger LOG = Logger.getLogger(HostNetwork.class);
    private static final int CHECK_SECONDS = 5;
    private static final int STOP_SECONDS = 5;

    private final String owner;
    private final Netlink netlink;
    private final Links links;
    private final HostAddresses addresses;
    private final ContainerNamespaces namespaces;
    private final Firewall firewall;
    private final Bridges bridges;
    private final HostPorts ports;
    private final DockerBeside docker;
    private final ConnectionTracking tracking;
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("network-upkeep").daemon().factory());
    private final Map<String, Attached> attached = new ConcurrentHashMap<>();
    private volatile boolean reconciled;

    /** @param interfaces on the host, in the order of the plan's endpoints */
    private record Attached(NetworkPlan plan, List<String> interfaces) {}

    /**
     * @param runDirectory where namespaces are pinned, below {@code agent/netns}
     * @param table nftables table of family inet; agents that share a host need different ones
     */
    @Inject
    public HostNetwork(
            @ConfigProperty(name = "gantry.run-dir") Path runDirectory,
            @ConfigProperty(name = "gantry.agent.nftables-table") String table)
            throws IOException {
        this(runDirectory, table, Thread.ofVirtual().name("port-relay").factory());
    }

    /** @param relays makes the threads that relay connections to published ports */
    HostNetwork(Path runDirectory, String table, ThreadFactory relays) throws IOException {
        this.owner = "gantry:" + table;
        this.netlink = Netlink.open();
        this.links = new Links(netlink);
        this.addresses = new HostAddresses(netlink);
        this.namespaces = new ContainerNamespaces(runDirectory.resolve("agent").resolve("netns"));
        this.ports = new HostPorts(relays);
        Nftables nftables = new Nftables();
        this.firewall = new Firewall(nftables, table);
        this.bridges = new Bridges(links, addresses, firewall, owner);
        this.docker = new DockerBeside(nftables, table);
        this.tracking = ConnectionTracking.open();
        later.scheduleWithFixedDelay(this::check, CHECK_SECONDS, CHECK_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Gives the container its network.
     *
     * @return path of the namespace to run in; empty for the host's own
     * @throws AgentFailure PORT_IN_USE (words of {@code PortTaken}), CONFLICT when the container whose namespace is to
     *     be joined does not run, else INTERNAL; nothing remains then
     */
    public Optional<Path> attach(String containerId, NetworkPlan plan) {
        return switch (plan.kind()) {
            case HOST -> {
                attached.put(containerId, new Attached(plan, List.of()));
                yield Optional.empty();
            }
            case CONTAINER -> shared(plan.container());
            case NONE, NETWORKS -> Optional.of(attachOwn(containerId, plan));
        };
    }

    /** Takes the container's network away. Repeating it, or a container that was never attached, is no error. */
    public void detach(String containerId) {
        Attached was = attached.remove(containerId);
        try {
            firewall.withdraw(containerId);
        } catch (IOException e) {
            LOG.warnf(e, "rules of container %s", containerId);
        }
        ports.release(containerId);
        if (was != null) {
            forgetDatagrams(forwardings(was.plan()));
            was.interfaces().forEach(this::deleteLater);
        }
        try {
            namespaces.remove(containerId);
        } catch (IOException e) {
            LOG.warnf(e, "network namespace of container %s", containerId);
        }
    }

    /**
     * Takes up the attachments of running containers after a restart of the agent and removes what is left of others.
     * Traffic is not interrupted: the rules are replaced in one transaction.
     */
    public void reconcile(Map<String, NetworkPlan> running) {
        try {
            attached.clear();
            running.forEach((id, plan) -> attached.put(id, new Attached(plan, new ArrayList<>())));
            for (Link link : links.list()) {
                containerOf(link).ifPresent(id -> {
                    if (running.containsKey(id)) {
                        attached.get(id).interfaces().add(link.name());
                    } else {
                        deleteLater(link.name());
                    }
                });
            }
            for (String id : namespaces.containerIds()) {
                if (!running.containsKey(id)) {
                    namespaces.remove(id);
                }
            }
            readopt(running);
            reconciled = true;
        } catch (IOException e) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "networks of this host: " + e.getMessage(), e);
        }
    }

    /** CIDRs of the addresses and routes of this host, without those of our own bridges. */
    public List<String> addressesInUse() {
        try {
            return addresses.inUse(bridges.indexes());
        } catch (IOException e) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, e.getMessage(), e);
        }
    }

    /** The host's own IPv4 addresses, without prefix. */
    public List<String> interfaceAddresses() {
        try {
            return addresses.own();
        } catch (IOException e) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, e.getMessage(), e);
        }
    }

    /** Leaves the host as it was, if no container uses what we made on it. */
    @PreDestroy
    public void close() {
        later.shutdown();
        try {
            if (!later.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("interfaces are left to delete; the next start does");
            }
            if (reconciled
                    && attached.values().stream()
                            .allMatch(one -> one.interfaces().isEmpty())) {
                firewall.reset(List.of(), Map.of());
                bridges.removeExcept(Set.of());
                docker.remove();
            }
        } catch (IOException e) {
            LOG.warn("networks of this host are left as they are", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        attached.keySet().forEach(ports::release);
        tracking.close();
        netlink.close();
    }

    /** So that a client which keeps its socket reaches the container that has the port now. */
    private void forgetDatagrams(List<Forwarding> forwardings) {
        Set<Integer> udp = forwardings.stream()
                .map(Forwarding::port)
                .filter(port -> port.protocol().equals("udp"))
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

    private Path attachOwn(String containerId, NetworkPlan plan) {
        detach(containerId);
        List<Forwarding> forwardings = forwardings(plan);
        ports.reserve(containerId, forwardings);
        List<String> interfaces = new ArrayList<>();
        try {
            Path file = withBridges(containerId, plan, interfaces);
            attached.put(containerId, new Attached(plan, interfaces));
            firewall.publish(containerId, forwardings);
            forgetDatagrams(forwardings);
            return file;
        } catch (IOException | RuntimeException e) {
            attached.put(containerId, new Attached(plan, interfaces));
            detach(containerId);
            throw new AgentFailure(
                    AgentFailure.Code.INTERNAL, "cannot attach the container to its network: " + e.getMessage(), e);
        }
    }

    /** A bridge that someone deleted behind our back is made again, once. */
    private Path withBridges(String containerId, NetworkPlan plan, List<String> interfaces) throws IOException {
        try {
            return namespace(containerId, plan, interfaces);
        } catch (ErrnoException e) {
            LOG.infof("trying again with the bridges made anew: %s", e.getMessage());
            interfaces.clear();
            bridges.forget();
            return namespace(containerId, plan, interfaces);
        }
    }

    private Path namespace(String containerId, NetworkPlan plan, List<String> interfaces) throws IOException {
        Map<Endpoint, Integer> indexes = new LinkedHashMap<>();
        boolean first = firewall.isEmpty();
        for (Endpoint endpoint : plan.endpoints()) {
            indexes.put(endpoint, bridges.ensure(endpoint.bridge()));
        }
        if (first && !firewall.isEmpty()) {
            docker.letThrough();
        }
        return namespaces.create(containerId, (inside, namespaceFd) -> {
            for (Map.Entry<Endpoint, Integer> entry : indexes.entrySet()) {
                interfaces.add(connect(containerId, entry.getKey(), entry.getValue(), inside, namespaceFd));
            }
        });
    }

    private String connect(String containerId, Endpoint endpoint, int bridgeIndex, Links inside, int namespaceFd)
            throws IOException {
        Bridge bridge = endpoint.bridge();
        String name =
                "veth" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        links.createVeth(
                name,
                owner + ":" + containerId,
                bridgeIndex,
                bridge.mtu(),
                !bridge.icc(),
                !endpoint.ports().isEmpty(),
                new Links.Peer(namespaceFd, endpoint.interfaceName(), endpoint.macAddress()));
        byte[] gateway = endpoint.defaultRoute() && !endpoint.gateway().isEmpty()
                ? InetAddress.ofLiteral(endpoint.gateway()).getAddress()
                : null;
        inside.configure(inside.indexOf(endpoint.interfaceName()), Cidr.parse(endpoint.address()), gateway);
        return name;
    }

    private Optional<Path> shared(String other) {
        Attached target = attached.get(other);
        if (target == null) {
            throw new AgentFailure(
                    AgentFailure.Code.CONFLICT, "cannot join network of a non running container: " + other);
        }
        return switch (target.plan().kind()) {
            case HOST -> Optional.empty();
            case CONTAINER -> shared(target.plan().container());
            case NONE, NETWORKS -> Optional.of(namespaces.file(other)).filter(Files::exists);
        };
    }

    private void readopt(Map<String, NetworkPlan> running) throws IOException {
        Map<String, Bridge> wanted = new HashMap<>();
        Map<String, List<Forwarding>> published = new HashMap<>();
        running.forEach((id, plan) -> {
            plan.endpoints().forEach(endpoint -> wanted.put(endpoint.bridge().name(), endpoint.bridge()));
            List<Forwarding> forwardings = forwardings(plan);
            if (!forwardings.isEmpty()) {
                published.put(id, forwardings);
            }
        });
        firewall.reset(wanted.values(), published);
        bridges.removeExcept(wanted.keySet());
        published.forEach(ports::readopt);
        later.execute(this::check);
    }

    private Optional<String> containerOf(Link link) {
        String prefix = owner + ":";
        return link.kind().equals("veth") && link.alias().startsWith(prefix)
                ? Optional.of(link.alias().substring(prefix.length()))
                : Optional.empty();
    }

    private static List<Forwarding> forwardings(NetworkPlan plan) {
        return plan.endpoints().stream()
                .flatMap(endpoint -> {
                    String address = Cidr.parse(endpoint.address()).address().getHostAddress();
                    return endpoint.ports().stream().map(port -> new Forwarding(port, address));
                })
                .toList();
    }

    private void deleteLater(String name) {
        try {
            links.disablePort(name);
        } catch (IOException e) {
            LOG.debugf("%s: %s", name, e.getMessage());
        }
        later.execute(() -> {
            try {
                links.delete(name);
            } catch (IOException e) {
                // The kernel deletes it too, when the namespace at its other end goes.
                LOG.debugf("%s: %s", name, e.getMessage());
            }
        });
    }

    private void check() {
        try {
            firewall.check();
            if (!firewall.isEmpty()) {
                docker.letThrough();
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("upkeep of the host's network rules", e);
        }
    }
}
