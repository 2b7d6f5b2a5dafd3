package dev.gantry.agent.dns;

import dev.gantry.agent.dns.NetworkNames.Split;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/**
 * A container that asks: it sees the names of the networks that it is on, and of no others.
 *
 * @param networks in the order in which they are looked at
 * @param links its own names for others, by network: alias in lower case to the name of the other
 * @param singleLabelsStay a name without a dot that nobody has is not asked of others: {@code ndots} was set by hand
 */
record Asker(List<NetworkNames> networks, Map<String, Map<String, String>> links, boolean singleLabelsStay) {

    /** The addresses of a name, both families; empty when it is nobody's here. */
    List<InetAddress> addresses(String asked) {
        String name = NetworkNames.lower(asked);
        for (Split split : NetworkNames.splits(name)) {
            List<InetAddress> linked = find(split, true);
            List<InetAddress> found = linked.isEmpty() ? find(split, false) : linked;
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    /** The name of an address with its network behind it; null when it is nobody's here. */
    String nameOf(InetAddress address) {
        return networks.stream()
                .map(network -> network.nameOf(address))
                .filter(name -> name != null)
                .findFirst()
                .orElse(null);
    }

    private List<InetAddress> find(Split split, boolean byLink) {
        for (NetworkNames network : networks) {
            if (split.network() == null || split.network().equals(network.network())) {
                String name =
                        byLink ? links.getOrDefault(network.network(), Map.of()).get(split.name()) : split.name();
                List<InetAddress> found = name == null ? List.of() : network.addresses(NetworkNames.lower(name));
                if (!found.isEmpty()) {
                    return found;
                }
            }
        }
        return List.of();
    }
}
