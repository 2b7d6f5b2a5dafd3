package dev.gantry.agent.network;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.agent.linux.ConnectionTracking;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Netlink;
import dev.gantry.agent.linux.Nftables;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The networks of this host and the containers on them. A container is attached in this order, and what was made is undone
 * in reverse when a step fails: each endpoint claims its network and takes its host ports, the bridges are there, the
 * namespace with its veth pairs is filled and pinned, ports lead to it. What a detach leaves for later (deleting a veth
 * takes 15 ms) is already out of use.
 */
@ApplicationScoped
public class HostNetwork {
    private static final Logger LOG = Logger.getLogger(HostNetwork.class);
    private static final int CHECK_SECONDS = 5;
    private static final int STOP_SECONDS = 5;

    /** A project that is stopped and started again finds its bridges. */
    private static final int IDLE_LOOKS = 4;

    private final Netlink netlink;
    private final Links links;
    private final HostAddresses addresses;
    private final ContainerNamespaces namespaces;
    private final Firewall firewall;
    private final Bridges bridges;
    private final Places places;
    private final KnownNetworks networks;
    private final HostPorts ports;
    private final Endpoints endpoints;
    private final EndpointChanges changes;
    private final Reconciliation reconciliation;
    private final DockerBeside docker;
    private final ConnectionTracking tracking;
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("network-upkeep").daemon().factory());
    private final Map<String, Attached> attached = new ConcurrentHashMap<>();
    private volatile boolean reconciled;

    /**
     * @param dataDirectory where the states of networks are kept, below {@code agent/networks}
     * @param runDirectory where namespaces are pinned, below {@code agent/netns}
     * @param table nftables table of family inet; agents that share a host need different ones
     */
    @Inject
    public HostNetwork(
            @ConfigProperty(name = "gantry.data-dir") Path dataDirectory,
            @ConfigProperty(name = "gantry.run-dir") Path runDirectory,
            @ConfigProperty(name = "gantry.agent.nftables-table") String table,
            ObjectMapper json)
            throws IOException {
        this(
                dataDirectory,
                runDirectory,
                table,
                json,
                Thread.ofVirtual().name("port-relay").factory());
    }

    /** @param relays makes the threads that relay connections to published ports */
    HostNetwork(Path dataDirectory, Path runDirectory, String table, ObjectMapper json, ThreadFactory relays)
            throws IOException {
        String owner = "gantry:" + table;
        this.netlink = Netlink.open();
        this.links = new Links(netlink);
        this.addresses = new HostAddresses(netlink);
        this.namespaces = new ContainerNamespaces(runDirectory.resolve("agent").resolve("netns"));
        this.ports = new HostPorts(relays, PortLimits.ofThisProcess());
        Nftables nftables = new Nftables();
        this.firewall = new Firewall(nftables, table);
        this.bridges = new Bridges(links, addresses, firewall, owner);
        this.places = new Places(bridges, new Parents(links, owner));
        this.networks = new KnownNetworks(
                new NetworkStates(dataDirectory.resolve("agent").resolve("networks"), json), places);
        this.docker = new DockerBeside(nftables, table);
        this.tracking = ConnectionTracking.open();
        this.endpoints = new Endpoints(owner, links, addresses, networks, places, ports, firewall, tracking);
        this.changes = new EndpointChanges(endpoints, namespaces);
        this.reconciliation =
                new Reconciliation(links, networks, places, namespaces, endpoints, firewall, ports, this::deleteLater);
        later.scheduleWithFixedDelay(this::check, CHECK_SECONDS, CHECK_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Makes a network as the state says and keeps it, unless a later state is there.
     *
     * @return the version that is there now
     * @throws AgentFailure BAD_REQUEST, NOT_SUPPORTED, CONFLICT or INTERNAL; all is as it was then
     */
    public long put(NetworkState state) {
        boolean first = firewall.isEmpty();
        long version = networks.put(state);
        if (first) {
            check();
        }
        return version;
    }

    /** Takes a network away, with its bridge and rules. CONFLICT while a container is attached to it. */
    public void delete(String networkId) {
        networks.delete(networkId);
    }

    /** @throws AgentFailure UNKNOWN_NETWORK when the plan needs a network that was not put here in that version */
    public void require(NetworkPlan plan) {
        plan.endpoints().forEach(networks::require);
    }

    /**
     * Gives the container its network.
     *
     * @return path of the namespace to run in; empty for the host's own
     * @throws AgentFailure UNKNOWN_NETWORK, PORT_IN_USE (words of {@code PortTaken}), CONFLICT when the container whose
     *     namespace is to be joined does not run, else INTERNAL; nothing remains then
     */
    public Optional<Path> attach(String containerId, NetworkPlan plan) {
        return switch (plan.kind()) {
            case HOST -> {
                attached.put(containerId, new Attached(plan, Map.of()));
                yield Optional.empty();
            }
            case CONTAINER -> {
                Optional<Path> namespace = shared(plan.container());
                attached.put(containerId, new Attached(plan, Map.of()));
                yield namespace;
            }
            case NONE, NETWORKS -> Optional.of(attachOwn(containerId, plan));
        };
    }

    /** Takes the container's network away. Repeating it, or a container that was never attached, is no error. */
    public void detach(String containerId) {
        Attached was = attached.remove(containerId);
        if (was != null) {
            was.plan().endpoints().forEach(endpoints::withdraw);
            was.interfaces().values().forEach(this::deleteLater);
        }
        try {
            namespaces.remove(containerId);
        } catch (IOException e) {
            LOG.warnf(e, "network namespace of container %s", containerId);
        }
    }

    /**
     * Takes a container that is attached, and runs, to another plan.
     *
     * @param keep called when what is new is there, and before what is old goes
     * @throws AgentFailure as {@link #attach}; the container is attached as before then
     */
    public void change(String containerId, NetworkPlan after, Runnable keep) {
        Attached before = attachedWithOwnNamespace(containerId);
        try {
            Map<String, String> interfaces =
                    changes.apply(containerId, before.plan(), after, before.interfaces(), keep);
            attached.put(containerId, new Attached(after, interfaces));
        } catch (IOException | RuntimeException e) {
            throw notAttached(e);
        }
    }

    /** The container whose network namespace this one, which is attached, has: mostly its own. */
    public String namespaceOwner(String containerId) {
        Attached found = attached.get(containerId);
        boolean shares = found != null && found.plan().kind() == NetworkPlan.Kind.CONTAINER;
        return shares ? namespaceOwner(found.plan().container()) : containerId;
    }

    /** How a container is attached; one that is not has no network. */
    public NetworkPlan planOf(String containerId) {
        Attached found = attached.get(containerId);
        return found == null ? new NetworkPlan(NetworkPlan.Kind.NONE, "", List.of()) : found.plan();
    }

    /** Where the namespace of a container with one of its own is pinned. */
    public Path namespaceOf(String containerId) {
        return namespaces.file(containerId);
    }

    /**
     * Takes up the networks that are kept and the attachments of running containers after a restart of the agent, and
     * removes what is left of others. Traffic is not interrupted: the rules are replaced in one transaction.
     */
    public void reconcile(Map<String, NetworkPlan> running) {
        try {
            Map<String, Attached> found = reconciliation.reconcile(running);
            attached.clear();
            attached.putAll(found);
            later.execute(this::check);
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

    /** Leaves the host as it was, if no container uses what we made on it; what is kept comes back at the next start. */
    @PreDestroy
    public void close() {
        later.shutdown();
        try {
            if (!later.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("interfaces are left to delete; the next start does");
            }
            if (reconciled
                    && attached.values().stream()
                            .allMatch(one -> one.plan().endpoints().isEmpty())) {
                firewall.reset(List.of(), Map.of());
                places.removeExcept(List.of(), Set.of());
                docker.remove();
            }
        } catch (IOException e) {
            LOG.warn("networks of this host are left as they are", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ports.close();
        tracking.close();
        netlink.close();
    }

    private Path attachOwn(String containerId, NetworkPlan plan) {
        detach(containerId);
        Map<String, String> interfaces = new ConcurrentHashMap<>();
        attached.put(containerId, new Attached(plan, interfaces));
        try {
            plan.endpoints().forEach(endpoints::reserve);
            Path file = withBridges(containerId, plan, interfaces);
            for (Endpoint endpoint : plan.endpoints()) {
                endpoints.publish(endpoint);
            }
            return file;
        } catch (IOException | RuntimeException e) {
            detach(containerId);
            throw notAttached(e);
        }
    }

    private static AgentFailure notAttached(Exception e) {
        if (e instanceof AgentFailure told) {
            return told;
        }
        String words = e instanceof Parents.Unavailable ? "" : "cannot attach the container to its network: ";
        return new AgentFailure(AgentFailure.Code.INTERNAL, words + e.getMessage(), e);
    }

    /** A bridge that someone deleted behind our back is made again, once. */
    private Path withBridges(String containerId, NetworkPlan plan, Map<String, String> interfaces) throws IOException {
        try {
            return namespace(containerId, plan, interfaces);
        } catch (ErrnoException e) {
            LOG.infof("trying again with the bridges made anew: %s", e.getMessage());
            interfaces.clear();
            places.forget();
            return namespace(containerId, plan, interfaces);
        }
    }

    private Path namespace(String containerId, NetworkPlan plan, Map<String, String> interfaces) throws IOException {
        Map<Endpoint, Integer> indexes = new LinkedHashMap<>();
        for (Endpoint endpoint : plan.endpoints()) {
            indexes.put(endpoint, endpoints.place(endpoint));
        }
        return namespaces.create(containerId, inside -> {
            for (Map.Entry<Endpoint, Integer> entry : indexes.entrySet()) {
                String link = endpoints.connect(containerId, entry.getKey(), entry.getValue(), inside);
                if (!link.isEmpty()) {
                    interfaces.put(entry.getKey().endpointId(), link);
                }
            }
        });
    }

    private Attached attachedWithOwnNamespace(String containerId) {
        Attached found = attached.get(containerId);
        if (found == null || !found.plan().hasOwnNamespace()) {
            throw new AgentFailure(
                    AgentFailure.Code.CONFLICT,
                    "container sharing network namespace with another container or host"
                            + " cannot be connected to any other network");
        }
        return found;
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

    private void deleteLater(String name) {
        try {
            links.disablePort(name);
        } catch (IOException e) {
            LOG.debugf("%s: %s", name, e.getMessage());
        }
        later.execute(() -> endpoints.deleteLink(name));
    }

    private void check() {
        try {
            networks.dismissIdle(IDLE_LOOKS);
            firewall.check();
            if (!firewall.isEmpty()) {
                docker.letThrough();
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("upkeep of the host's network rules", e);
        }
    }
}
