package dev.gantry.network.create;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Network.Ipam;
import dev.gantry.engine.network.Network.IpamConfig;
import dev.gantry.network.address.Ipv4Range;
import dev.gantry.network.state.Faults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The addresses of a network, checked.
 *
 * @param range part of the subnet from which containers get theirs; null for all of it
 * @param reserved addresses that no container gets
 */
record Pool(Ipv4Range subnet, String gateway, Ipv4Range range, List<String> reserved) {
    /** What a bridge must not take from its host: this network, loopback, and what is above unicast. */
    private static final List<Ipv4Range> UNUSABLE =
            List.of(Ipv4Range.of("0.0.0.0/8"), Ipv4Range.of("127.0.0.0/8"), Ipv4Range.of("224.0.0.0/3"));

    private static final String TAKEN = "Address already in use";

    /** One that was chosen: all of it, with the first address for the gateway. */
    static Pool chosen(Ipv4Range subnet) {
        return new Pool(subnet, Ipv4Range.text(subnet.first()), null, List.of());
    }

    /**
     * The pool that a client gave.
     *
     * @return null when it left the choice to us
     * @throws EngineError in dockerd's words
     */
    static Pool given(Ipam ipam) {
        check(ipam.config());
        if (ipam.config().isEmpty()) {
            return null;
        }
        List<Ipv4Range> subnets = ipam.config().stream()
                .map(config -> Ipv4Range.of(config.subnet()))
                .toList();
        for (int i = 0; i < subnets.size(); i++) {
            if (subnets.subList(0, i).stream().anyMatch(subnets.get(i)::overlaps)) {
                throw overlaps();
            }
        }
        if (subnets.size() > 1) {
            throw new EngineError.Forbidden("bridge driver doesn't support multiple subnets");
        }
        if (subnets.getFirst().prefix() == 0) {
            throw overlaps();
        }
        return of(subnets.getFirst(), ipam.config().getFirst());
    }

    static EngineError overlaps() {
        return new EngineError.Forbidden("Pool overlaps with other one on this address space");
    }

    private static Pool of(Ipv4Range subnet, IpamConfig config) {
        Ipv4Range range = isGiven(config.ipRange()) ? Ipv4Range.of(config.ipRange()) : null;
        Set<Long> taken = new HashSet<>();
        if (subnet.reservesEnds()) {
            taken.add(subnet.network());
            taken.add(subnet.last());
        }
        long gateway =
                isGiven(config.gateway()) ? Ipv4Range.address(config.gateway()).orElseThrow() : first(subnet, range);
        if (!taken.add(gateway)) {
            throw new EngineError.Failed("failed to allocate gateway (%s): %s".formatted(config.gateway(), TAKEN));
        }
        List<String> reserved = new ArrayList<>();
        new TreeMap<>(addresses(config)).forEach((name, address) -> {
            if (!taken.add(Ipv4Range.address(address).orElseThrow())) {
                throw new EngineError.Failed(
                        "failed to allocate secondary ip address (%s:%s): %s".formatted(name, address, TAKEN));
            }
            reserved.add(address);
        });
        return new Pool(subnet, Ipv4Range.text(gateway), range, List.copyOf(reserved));
    }

    private static long first(Ipv4Range subnet, Ipv4Range range) {
        return range == null || range.network() == subnet.network() ? subnet.first() : range.network();
    }

    /** All faults at once, as dockerd tells them. */
    private static void check(List<IpamConfig> configs) {
        List<String> faults = new ArrayList<>();
        for (IpamConfig config : configs) {
            check(config == null ? new IpamConfig("", "") : config, faults);
        }
        if (!faults.isEmpty()) {
            throw new EngineError.BadParameter(Faults.joined("invalid network config", faults));
        }
    }

    private static void check(IpamConfig config, List<String> faults) {
        String text = config.subnet() == null ? "" : config.subnet();
        if (text.indexOf(':') >= 0) {
            throw new EngineError.NotSupported("IPv6 subnets are not supported yet");
        }
        Ipv4Range subnet = Ipv4Range.parse(text).orElse(null);
        if (subnet == null) {
            faults.add("invalid subnet " + text + ": invalid CIDR block notation");
            return;
        }
        if (!subnet.toString().equals(text)) {
            faults.add("invalid subnet " + text + ": it should be " + subnet);
        } else if (subnet.prefix() > 0 && UNUSABLE.stream().anyMatch(subnet::overlaps)) {
            faults.add("invalid subnet " + text + ": no network of containers can have these addresses");
        }
        if (isGiven(config.ipRange())) {
            checkRange(config.ipRange(), subnet, faults);
        }
        if (isGiven(config.gateway())) {
            checkAddress("invalid gateway " + config.gateway(), config.gateway(), subnet, faults);
        }
        new TreeMap<>(addresses(config))
                .forEach((name, address) -> checkAddress("invalid auxiliary address " + name, address, subnet, faults));
    }

    private static void checkRange(String text, Ipv4Range subnet, List<String> faults) {
        Ipv4Range range = Ipv4Range.parse(text).orElse(null);
        String fault = "invalid ip-range " + text + ": ";
        if (text.indexOf(':') >= 0) {
            faults.add(fault + "parent subnet is an IPv4 block");
        } else if (range == null) {
            faults.add(fault + "invalid CIDR block notation");
        } else if (range.prefix() < subnet.prefix()) {
            faults.add(fault + "CIDR block is bigger than its parent subnet " + subnet);
        } else if (!range.toString().equals(text)) {
            faults.add(fault + "it should be " + range);
        } else if (!range.overlaps(subnet)) {
            faults.add(fault + "parent subnet " + subnet + " doesn't contain ip-range");
        }
    }

    private static void checkAddress(String about, String text, Ipv4Range subnet, List<String> faults) {
        if (text.indexOf(':') >= 0) {
            faults.add(about + ": parent subnet is an IPv4 block");
        } else if (Ipv4Range.address(text).isEmpty()) {
            faults.add(about + ": invalid address");
        } else if (!subnet.contains(Ipv4Range.address(text).get())) {
            faults.add(about + ": parent subnet " + subnet + " doesn't contain this address");
        }
    }

    private static Map<String, String> addresses(IpamConfig config) {
        Map<String, String> given = new TreeMap<>();
        if (config.auxiliaryAddresses() != null) {
            config.auxiliaryAddresses().forEach((name, address) -> given.put(name, address == null ? "" : address));
        }
        return given;
    }

    private static boolean isGiven(String text) {
        return text != null && !text.isEmpty();
    }
}
