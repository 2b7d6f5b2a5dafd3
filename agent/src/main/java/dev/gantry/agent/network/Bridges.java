package dev.gantry.agent.network;

import dev.gantry.agent.network.HostAddresses.Assigned;
import dev.gantry.agent.network.Links.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Our bridges on this host. An interface is ours when its alias says so. */
final class Bridges {
    private static final Path SYSCTL = Path.of("/proc/sys/net");

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
            index = make(bridge);
            known.put(bridge, index);
        }
        return index;
    }

    /** Has the next {@link #ensure} look at the kernel again: someone else may have deleted a bridge. */
    synchronized void forget() {
        known.clear();
    }

    /** Takes the bridge and its rules away; that it is not there is no error. */
    synchronized void remove(Bridge bridge) throws IOException {
        known.remove(bridge);
        firewall.dismiss(bridge);
        if (ours().stream().anyMatch(link -> link.name().equals(bridge.name()))) {
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
        return links.list().stream()
                .filter(link -> link.kind().equals("bridge") && link.alias().equals(owner))
                .toList();
    }

    private int make(Bridge bridge) throws IOException {
        Cidr address = bridge.address();
        Link link = links.find(bridge.name()).orElse(null);
        if (link == null) {
            links.createBridge(bridge.name(), owner, address, bridge.mtu());
        } else if (!link.alias().equals(owner)) {
            throw new IOException("there is an interface " + bridge.name() + " that is not Gantry's");
        } else {
            readdress(link, address);
        }
        // Packets to published ports on 127.0.0.1 leave by the bridge; the table's chain "early" keeps others out.
        set("ipv4/conf/" + bridge.name() + "/route_localnet", "1");
        set("ipv6/conf/" + bridge.name() + "/disable_ipv6", "1");
        set("ipv4/ip_forward", "1");
        firewall.admit(bridge);
        return links.indexOf(bridge.name());
    }

    private void readdress(Link link, Cidr address) throws IOException {
        for (Assigned assigned : addresses.assigned()) {
            boolean other = assigned.link() == link.index() && !assigned.cidr().equals(address);
            if (other && assigned.cidr().bytes().length == 4) {
                links.removeAddress(link.index(), assigned.cidr());
            }
        }
        links.addAddress(link.index(), address);
        links.up(link.index());
    }

    /** Written only when it differs, so that a read-only /proc with the right values will do. */
    private static void set(String key, String value) throws IOException {
        Path file = SYSCTL.resolve(key);
        if (Files.exists(file) && !Files.readString(file).strip().equals(value)) {
            Files.writeString(file, value);
        }
    }
}
