package dev.gantry.network.endpoint;

import dev.gantry.network.state.Driver;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Names for a container's interfaces: the prefix of the network with the lowest number that is free. */
final class Interfaces {
    private final Set<String> taken = new HashSet<>();

    private Interfaces() {}

    /** @param present with the endpoints that the container has */
    static Interfaces of(List<Attaching> present) {
        Interfaces interfaces = new Interfaces();
        present.stream()
                .filter(one -> one.endpoint() != null && one.endpoint().interfaceName != null)
                .forEach(one -> interfaces.taken.add(one.endpoint().interfaceName));
        return interfaces;
    }

    String next(Driver.Addressed network) {
        int number = 0;
        while (!taken.add(network.interfacePrefix() + number)) {
            number++;
        }
        return network.interfacePrefix() + number;
    }
}
