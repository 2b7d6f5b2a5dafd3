package dev.gantry.network.endpoint;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.network.address.Ipv4Range;
import dev.gantry.network.state.Faults;
import dev.gantry.network.state.NetworkEntity;
import java.util.ArrayList;
import java.util.List;

/** What a client may ask for on a network, in dockerd's words. */
final class EndpointRules {
    private EndpointRules() {}

    /** @throws EngineError.BadParameter with all faults */
    static void check(NetworkEntity network, EndpointRequest asked) {
        List<String> faults = faults(network, asked);
        if (!faults.isEmpty()) {
            throw new EngineError.BadParameter(Faults.joined("invalid endpoint settings", faults));
        }
    }

    private static List<String> faults(NetworkEntity network, EndpointRequest asked) {
        List<String> faults = new ArrayList<>();
        String address = asked.ipv4Address();
        if (!address.isEmpty() && network.predefined) {
            faults.add("user specified IP address is supported on user defined networks only");
        }
        if (!asked.aliases().isEmpty() && network.predefined) {
            faults.add("network-scoped alias is supported only for containers in user defined networks");
        }
        // dockerd takes them, to no effect: nobody has a name there.
        if (!asked.links().isEmpty() && network.predefined) {
            faults.add("links of an endpoint are supported only for containers in user defined networks");
        }
        boolean valid = Ipv4Range.address(address).isPresent();
        if (!address.isEmpty() && !valid) {
            faults.add("invalid IPv4 address: " + address);
        }
        if (!address.isEmpty() && !network.poolGiven) {
            faults.add(
                    "user specified IP address is supported only when connecting to networks with user configured subnets");
        } else if (!address.isEmpty()
                && !(valid
                        && Ipv4Range.of(network.subnet)
                                .contains(Ipv4Range.address(address).get()))) {
            faults.add("no configured subnet or ip-range contain the IP address " + address);
        }
        return faults;
    }
}
