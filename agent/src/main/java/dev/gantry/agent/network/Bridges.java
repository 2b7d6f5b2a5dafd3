package dev.gantry.agent.network;

import dev.gantry.agent.network.HostAddresses.Assigned;
import dev.gantry.agent.network.Links.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Our bridges on this host. An interface is ours when its alias says so. */
final class Bridges {
    private static final Path SYSCTL = Path.of("/proc/sys/net");

    /** RFC 8200, 5: below that the kernel has no IPv6 on the interface. */
    private static final int LEAST_IPV6_MTU = 1280;

    /** By which a container reaches its router on any network with IPv6, as dockerd has it. */
    private static final Cidr ROUTER = Cidr.parse("fe80::1/64");

    private final Links links;
    private final HostAddresses addresses;
    private final Firewall firewall;
    private final String owner;
    private final Map<Bridge, Integer> known = new HashMap<>();

    /** @param owner what the alias of our interfaces begins with */
    Bridges(Links links, HostAddresses addresses, Firewall firewall, String owner) {
        this.links = links;
        this.addresses = addresses;
        this.firewall = firewall;
        this.owner = owner;
    }

    /** Makes the bridge and its rules if they are not there, and gives its index. */
    synchronized int ensure(Bridge bridge) throws IOException {
        Integer index = known.get(bridge);
        if (index == null) {
            Link present = links.find(bridge.name()).orElse(null);
            index = make(bridge, present, present == null ? List.of() : addresses.assigned());
            known.put(bridge, index);
        }
        return index;
    }

    /** The same for many, with one look at what the host has; gives those that cannot be made. */
    synchronized Map<Place, IOException> ensureAll(Collection<Bridge> all) throws IOException {
        Map<String, Link> present = links.list().stream().collect(Collectors.toMap(Link::name, link -> link));
        List<Assigned> assigned = addresses.assigned();
        Map<Place, IOException> failed = new LinkedHashMap<>();
        for (Bridge bridge : all) {
            try {
                known.put(bridge, make(bridge, present.get(bridge.name()), assigned));
            } catch (IOException e) {
                failed.put(bridge, e);
            }
        }
        return failed;
    }

    /** Has the next {@link #ensure} look at the kernel again: someone else may have deleted a bridge. */
    synchronized void forget() {
        known.clear();
    }

    /** Takes the bridge and its rules away; that it is not there is no error. */
    synchronized void remove(Bridge bridge) throws IOException {
        known.remove(bridge);
        firewall.dismiss(bridge);
        if (links.find(bridge.name()).filter(this::isOurs).isPresent()) {
            links.delete(bridge.name());
        }
    }

    /** Deletes our bridges but those named, and those with an index in {@code used}. */
    synchronized void removeExcept(Set<String> wanted, Set<Integer> used) throws IOException {
        known.clear();
        for (Link link : ours()) {
            if (!wanted.contains(link.name()) && !used.contains(link.index())) {
                links.delete(link.name());
            }
        }
    }

    Set<Integer> indexes() throws IOException {
        Set<Integer> indexes = new HashSet<>();
        ours().forEach(link -> indexes.add(link.index()));
        return indexes;
    }

    private List<Link> ours() throws IOException {
        return links.list().stream().filter(this::isOurs).toList();
    }

    private boolean isOurs(Link link) {
        return link.kind().equals("bridge") && link.alias().equals(owner);
    }

    /**
     * Makes the bridge, or makes the present one right.
     *
     * @param present null for none of that name
     * @param assigned the addresses of the present one, and any others
     */
    private int make(Bridge bridge, Link present, List<Assigned> assigned) throws IOException {
        if (present == null) {
            links.createBridge(bridge.name(), owner, bridge.macAddress(), bridge.mtu());
        } else if (!present.kind().equals("bridge")) {
            throw new IOException("existing interface " + bridge.name() + " is not a bridge");
        } else if (!present.alias().equals(owner)) {
            throw new IOException("there is an interface " + bridge.name() + " that is not Gantry's");
        }
        int index = present == null ? links.indexOf(bridge.name()) : present.index();
        ipv6(bridge);
        address(index, bridge, assigned);
        // Packets to published ports on 127.0.0.1 leave by the bridge; the table's chain "early" keeps others out.
        set("ipv4/conf/" + bridge.name() + "/route_localnet", "1");
        set("ipv4/ip_forward", "1");
        firewall.admit(bridge);
        return index;
    }

    /** As dockerd sets it: what a container says of routers is not believed, and the host forwards. */
    private static void ipv6(Bridge bridge) throws IOException {
        String own = "ipv6/conf/" + bridge.name();
        set(own + "/disable_ipv6", bridge.hasIpv6() ? "0" : "1");
        if (bridge.hasIpv6()) {
            if (!Files.exists(SYSCTL.resolve(own))) {
                throw new IOException(
                        bridge.mtu() < LEAST_IPV6_MTU
                                ? "the MTU %d is too small for IPv6, which needs %d bytes at least"
                                        .formatted(bridge.mtu(), LEAST_IPV6_MTU)
                                : "the kernel of this host has no IPv6");
            }
            set(own + "/accept_ra", "0");
            set("ipv6/conf/default/forwarding", "1");
            set("ipv6/conf/all/forwarding", "1");
        }
    }

    /** Another address that the interface has is of a network that had its name before. */
    private void address(int index, Bridge bridge, List<Assigned> assigned) throws IOException {
        for (Assigned one : assigned) {
            boolean other = one.link() == index && !bridge.addresses().contains(one.cidr());
            boolean ofKernel = one.cidr().isIpv6() && one.cidr().address().isLinkLocalAddress();
            if (other && !ofKernel) {
                links.removeAddress(index, one.cidr());
            }
        }
        List<Cidr> all = new ArrayList<>(bridge.addresses());
        if (bridge.hasIpv6()) {
            all.add(ROUTER);
        }
        links.configure(index, all);
    }

    /** Written only when it differs, so that a read-only /proc with the right values will do. */
    private static void set(String key, String value) throws IOException {
        Path file = SYSCTL.resolve(key);
        if (Files.exists(file) && !Files.readString(file).strip().equals(value)) {
            Files.writeString(file, value);
        }
    }
}
