package dev.gantry.agent.dns;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.Dns;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.linux.Namespaces;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * What the containers of this host are called on their networks, and the name servers by which each of them asks for the
 * others. All of it comes from the plans: a question is answered from memory, and the first after a change by what holds
 * then.
 */
public final class ContainerNames {
    private static final Logger LOG = Logger.getLogger(ContainerNames.class);
    private static final int PORT = 53;

    private static final Comparator<Endpoint> ORDER = Comparator.comparing(
                    (Endpoint endpoint) -> !endpoint.defaultRoute())
            .thenComparing(
                    endpoint -> endpoint.ipv6() == null || !endpoint.ipv6().defaultRoute())
            .thenComparing(endpoint -> endpoint.network().internal())
            .thenComparing(endpoint -> endpoint.network().name());

    /** Where a container finds its name server, in its own namespace. */
    public static final String ADDRESS = NameSockets.ADDRESS.getHostAddress();

    /** Other servers of the host's, asked as any process of the host asks them. */
    private static final Upstream.Sockets OF_HOST = new Upstream.Sockets() {
        @Override
        public DatagramChannel datagram() throws IOException {
            return DatagramChannel.open();
        }

        @Override
        public SocketChannel stream() throws IOException {
            return SocketChannel.open();
        }
    };

    private final NameServer server = new NameServer();
    private final Path resolvConf;
    private final Map<String, Container> containers = new ConcurrentHashMap<>();

    /** By network, and there by container; only under the lock. */
    private final Map<String, Map<String, NetworkNames.Named>> named = new HashMap<>();

    private final Map<String, NetworkNames> networks = new ConcurrentHashMap<>();

    ContainerNames() throws IOException {
        this(ResolvConf.OF_HOST);
    }

    /** @param resolvConf where the host has its own name servers */
    ContainerNames(Path resolvConf) throws IOException {
        this.resolvConf = resolvConf;
    }

    /**
     * Lets a container be found by the names in its plan, and by no others, and gives it a name server when it has a name
     * anywhere. One that it had before goes on.
     *
     * @param namespace its own, pinned
     * @param dns what was asked for; null for nothing
     */
    public void put(ContainerFiles files, Path namespace, NetworkPlan plan, Dns dns) throws IOException {
        Opening opening = () -> NameSockets.open(namespace, files.namePorts());
        put(new Named(files, namespace, plan, dns), ResolvConf.read(resolvConf), opening);
    }

    /** What {@link #put} is told. */
    public record Named(ContainerFiles files, Path namespace, NetworkPlan plan, Dns dns) {}

    /**
     * Opens again what an earlier process of this agent had open, as far as that needs nothing but what is on disk: rules stay
     * as they are, and ports that are not free are left to whoever has them. Call it by {@link Namespaces#onThreadOfItsOwn}.
     */
    void reopen(AgentFiles files, ObjectMapper json) throws IOException {
        List<Named> all = new ArrayList<>();
        for (String id : files.containerIds()) {
            ContainerFiles own = files.of(id);
            try {
                if (Files.exists(own.namePorts())) {
                    NetworkPlan plan = json.readValue(Files.readAllBytes(own.networkPlan()), NetworkPlan.class);
                    Dns dns = dns(json, Files.readAllBytes(own.spec()));
                    all.add(new Named(own, files.namespaceOf(id), plan, dns));
                }
            } catch (IOException e) {
                LOG.debugf("container %s has its name back later: %s", id, e);
            }
        }
        ResolvConf host = nameAll(all);
        for (Named one : all) {
            try {
                serve(one, host, NameSockets.again(one.namespace(), one.files().namePorts()));
            } catch (IOException | RuntimeException e) {
                LOG.debugf(
                        "the name server of container %s is back later: %s",
                        one.files().id(), e);
            }
        }
    }

    /** Before the first can ask: that one of the others is not there is as much of an answer as any. */
    private ResolvConf nameAll(Collection<Named> all) throws IOException {
        all.forEach(one -> name(one.files().id(), one.plan()));
        return ResolvConf.read(resolvConf);
    }

    /** The one part of a {@link ContainerSpec} that is needed early. */
    private static Dns dns(ObjectMapper json, byte[] spec) throws IOException {
        try (JsonParser parser = json.createParser(spec)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean found = parser.currentName().equals("dns");
                if (parser.nextToken() == JsonToken.START_OBJECT && found) {
                    return parser.readValueAs(Dns.class);
                }
                parser.skipChildren();
            }
            return null;
        }
    }

    /**
     * Puts those that run and that an earlier process of this agent had put, and no others: their name servers stay where
     * they were.
     */
    public void adopt(Collection<Named> all) throws IOException {
        Set<String> gone = known();
        all.forEach(one -> gone.remove(one.files().id()));
        gone.forEach(this::remove);
        ResolvConf host = nameAll(all);
        // A thread for each would take longer than all the rest.
        Namespaces.onThreadOfItsOwn(() -> {
            for (Named one : all) {
                Opening opening =
                        () -> NameSockets.reopen(one.namespace(), one.files().namePorts());
                try {
                    put(one, host, opening);
                } catch (IOException | RuntimeException e) {
                    LOG.warnf(
                            e,
                            "container %s has no name server until its next start",
                            one.files().id());
                }
            }
            return null;
        });
    }

    private void put(Named one, ResolvConf host, Opening opening) throws IOException {
        String containerId = one.files().id();
        NetworkPlan plan = one.plan();
        name(containerId, plan);
        Container present = containers.get(containerId);
        if (present != null) {
            present.plan = plan;
        } else if (plan.hasNames()) {
            try {
                serve(one, host, opening.open());
            } catch (IOException | RuntimeException e) {
                name(containerId, new NetworkPlan(NetworkPlan.Kind.NONE, "", List.of()));
                throw e;
            }
        }
    }

    private synchronized Set<String> known() {
        Set<String> known = new HashSet<>(containers.keySet());
        named.values().forEach(its -> known.addAll(its.keySet()));
        return known;
    }

    private interface Opening {
        NameSockets open() throws IOException;
    }

    /** Nobody finds the container any more, nor does it ask; that it had no name is no error. */
    public void remove(String containerId) {
        name(containerId, new NetworkPlan(NetworkPlan.Kind.NONE, "", List.of()));
        Container gone = containers.remove(containerId);
        if (gone != null) {
            gone.close();
        }
    }

    private void serve(Named one, ResolvConf host, NameSockets sockets) throws IOException {
        try {
            Container opened = new Container(one.plan(), one.dns(), host, one.namespace(), sockets);
            server.serve(sockets.datagrams(), opened::asker, opened::upstream);
            opened.streams = new NameStreams(sockets.streams(), opened::asker, opened::upstream);
            containers.put(one.files().id(), opened);
        } catch (IOException | RuntimeException e) {
            sockets.close();
            throw e;
        }
    }

    private synchronized void name(String containerId, NetworkPlan plan) {
        Map<String, NetworkPlan.Network> changed = new HashMap<>();
        named.forEach((network, its) -> {
            if (its.remove(containerId) != null) {
                changed.put(network, null);
            }
        });
        for (Endpoint endpoint : plan.endpoints()) {
            if (!endpoint.names().isEmpty()) {
                List<InetAddress> addresses = endpoint.hostAddresses().stream()
                        .map(InetAddress::ofLiteral)
                        .toList();
                named.computeIfAbsent(endpoint.network().id(), _ -> new LinkedHashMap<>())
                        .put(containerId, new NetworkNames.Named(endpoint.names(), addresses));
                changed.put(endpoint.network().id(), endpoint.network());
            }
        }
        changed.forEach(this::renew);
    }

    /** @param network null where the name of the network is known from before */
    private void renew(String id, NetworkPlan.Network network) {
        Map<String, NetworkNames.Named> its = named.get(id);
        if (its.isEmpty()) {
            named.remove(id);
            networks.remove(id);
        } else {
            String name = network == null ? networks.get(id).network() : network.name();
            networks.put(id, new NetworkNames(name, its.values()));
        }
    }

    /** In which a name is looked for that somebody has on several networks, as dockerd does: where the default route is first. */
    static List<Endpoint> inOrder(NetworkPlan plan) {
        return plan.endpoints().stream().sorted(ORDER).toList();
    }

    void close() throws IOException {
        containers.values().forEach(Container::close);
        server.close();
    }

    /** A container that asks. */
    private final class Container {
        private final List<Upstream.Server> ofHost;
        private final List<Upstream.Server> ofItsOwn;
        private final boolean singleLabelsStay;
        private final NameSockets sockets;
        private NameStreams streams;
        private volatile NetworkPlan plan;

        Container(NetworkPlan plan, Dns dns, ResolvConf host, Path namespace, NameSockets sockets) {
            this.plan = plan;
            this.sockets = sockets;
            this.ofHost = servers(host.servers(), OF_HOST);
            this.ofItsOwn = dns == null ? List.of() : servers(orEmpty(dns.servers()), NameSockets.from(namespace));
            this.singleLabelsStay = host.saysDots()
                    || dns != null && new ResolvConf(List.of(), List.of(), orEmpty(dns.options())).saysDots();
        }

        Asker asker() {
            List<NetworkNames> its = new ArrayList<>();
            Map<String, Map<String, String>> links = new HashMap<>();
            for (Endpoint endpoint : inOrder(plan)) {
                NetworkNames names = networks.get(endpoint.network().id());
                if (names != null && !endpoint.names().isEmpty()) {
                    its.add(names);
                    endpoint.links()
                            .forEach((alias, name) -> links.computeIfAbsent(names.network(), _ -> new HashMap<>())
                                    .put(NetworkNames.lower(alias), name));
                }
            }
            return new Asker(its, links, singleLabelsStay);
        }

        /**
         * Servers of its own are asked from where it is. Where it has no way out, nothing is asked for it from the host either:
         * CVE-2024-29018.
         */
        Upstream upstream() {
            if (!ofItsOwn.isEmpty()) {
                return new Upstream(ofItsOwn);
            }
            return new Upstream(plan.hasWayOut() ? ofHost : List.of());
        }

        void close() {
            streams.close();
            sockets.close();
            server.letGo();
        }
    }

    private static List<Upstream.Server> servers(List<String> addresses, Upstream.Sockets from) {
        List<Upstream.Server> servers = new ArrayList<>();
        for (String address : addresses) {
            try {
                servers.add(new Upstream.Server(new InetSocketAddress(InetAddress.ofLiteral(address), PORT), from));
            } catch (IllegalArgumentException e) {
                LOG.warnf("not the address of a name server: %s", address);
            }
        }
        return servers;
    }

    private static List<String> orEmpty(List<String> list) {
        return list == null ? List.of() : list;
    }
}
