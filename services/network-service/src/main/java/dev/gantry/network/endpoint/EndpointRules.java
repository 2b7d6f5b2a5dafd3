package dev.gantry.network.endpoint;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.network.address.IpFamily;
import dev.gantry.network.address.IpRange;
import dev.gantry.network.state.Faults;
import dev.gantry.network.state.NetworkEntity;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a client may ask for on a network, in dockerd's words. */
final class EndpointRules {
    /** RFC 3927 and RFC 4291, 2.5.6. */
    private static final List<IpRange> LINK_LOCAL = List.of(IpRange.of("169.254.0.0/16"), IpRange.of("fe80::/10"));

    private static final int MOST_LINK_LOCAL = 64;

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
        Map<IpFamily, String> addresses = addresses(asked);
        if (!addresses.isEmpty() && network.predefined) {
            faults.add("user specified IP address is supported on user defined networks only");
        }
        if (!asked.aliases().isEmpty() && network.predefined) {
            faults.add("network-scoped alias is supported only for containers in user defined networks");
        }
        // dockerd takes them, to no effect: nobody has a name there.
        if (!asked.links().isEmpty() && network.predefined) {
            faults.add("links of an endpoint are supported only for containers in user defined networks");
        }
        addresses.forEach((family, address) -> {
            if (!isSpecified(family, address)) {
                faults.add("invalid %s address: %s".formatted(family.word(), address));
            }
        });
        if (asked.linkLocal().size() > MOST_LINK_LOCAL) {
            faults.add("more than " + MOST_LINK_LOCAL + " link-local IP addresses");
            return faults;
        }
        asked.linkLocal().stream()
                .filter(address -> !isSpecified(IpFamily.of(IpFamily.canonical(address)), IpFamily.canonical(address)))
                .forEach(address -> faults.add("invalid link-local IP address: " + address));
        addresses.forEach((family, address) -> {
            List<NetworkEntity.Addresses> own = network.subnets(family);
            if (own.isEmpty() || !own.getFirst().given()) {
                faults.add(
                        "user specified IP address is supported only when connecting to networks with user configured"
                                + " subnets");
            } else if (own.stream()
                    .noneMatch(subnet -> IpRange.of(subnet.subnet()).contains(address))) {
                faults.add("no configured subnet or ip-range contain the IP address " + address);
            }
        });
        return faults;
    }

    private static boolean isSpecified(IpFamily family, String address) {
        return family.address(address).filter(number -> number.signum() != 0).isPresent();
    }

    /** Those that are asked for, of each family. */
    static Map<IpFamily, String> addresses(EndpointRequest asked) {
        Map<IpFamily, String> addresses = new EnumMap<>(IpFamily.class);
        addresses.put(IpFamily.V4, IpFamily.canonical(asked.ipv4Address()));
        addresses.put(IpFamily.V6, asked.ipv6Address());
        addresses.values().removeIf(String::isEmpty);
        return addresses;
    }

    /**
     * The link-local addresses that are asked for, in CIDR form.
     *
     * @throws EngineError.BadParameter for one that is not link-local, in the words with which dockerd refuses to start
     */
    static String[] linkLocal(EndpointRequest asked) {
        return asked.linkLocal().stream()
                .map(IpFamily::canonical)
                .map(address -> LINK_LOCAL.stream()
                        .filter(range -> range.contains(address))
                        .map(range -> range.family()
                                        .text(range.family().address(address).orElseThrow())
                                + (range.family() == IpFamily.V4 ? "/16" : "/64"))
                        .findFirst()
                        .orElseThrow(() -> new EngineError.BadParameter("invalid link local IP address: " + address)))
                .toArray(String[]::new);
    }
}
