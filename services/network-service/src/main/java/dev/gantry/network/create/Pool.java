package dev.gantry.network.create;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Network.Ipam;
import dev.gantry.engine.network.Network.IpamConfig;
import dev.gantry.network.address.IpFamily;
import dev.gantry.network.address.IpRange;
import dev.gantry.network.state.Faults;
import dev.gantry.network.state.NetworkEntity;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The addresses of a network, checked.
 *
 * @param range part of the subnet from which containers get theirs; null for all of it
 * @param reserved addresses that no container gets
 */
record Pool(IpRange subnet, String gateway, IpRange range, List<String> reserved) {
    /** What a bridge must not take from its host: this network, loopback, links of their own, and what is above unicast. */
    private static final List<IpRange> UNUSABLE = Stream.of(
                    "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/8", "fe80::/10", "ff00::/8")
            .map(IpRange::of)
            .toList();

    /** A free address is looked for in one after the other. */
    private static final int MOST_SUBNETS = 64;

    private static final String TAKEN = "Address already in use";

    /** One that was chosen: all of it, with the first address for the gateway. */
    static Pool chosen(IpRange subnet) {
        return new Pool(subnet, subnet.family().text(subnet.first().orElseThrow()), null, List.of());
    }

    /**
     * The pools that a client gave for those families, in its order; none of a family where it left the choice to us.
     *
     * @param driver Docker's word for what the network is to be
     * @throws EngineError in dockerd's words
     */
    static Map<IpFamily, List<Pool>> given(Ipam ipam, Set<IpFamily> families, String driver) {
        check(ipam.config(), families);
        Map<IpFamily, List<Pool>> given = new EnumMap<>(IpFamily.class);
        List<IpRange> subnets = new ArrayList<>();
        for (IpamConfig config : ipam.config()) {
            IpRange subnet = IpRange.of(config.subnet());
            if (!families.contains(subnet.family())) {
                continue;
            }
            if (subnet.prefix() == 0 || subnets.stream().anyMatch(subnet::overlaps)) {
                throw overlaps();
            }
            subnets.add(subnet);
        }
        boolean several = subnets.stream().map(IpRange::family).distinct().count() < subnets.size();
        if (several && driver.equals("bridge")) {
            throw new EngineError.Forbidden("bridge driver doesn't support multiple subnets");
        }
        if (subnets.size() > MOST_SUBNETS) {
            throw new EngineError.BadParameter("a network can have %d subnets at most".formatted(MOST_SUBNETS));
        }
        for (IpamConfig config : ipam.config()) {
            IpRange subnet = IpRange.of(config.subnet());
            if (families.contains(subnet.family())) {
                given.computeIfAbsent(subnet.family(), _ -> new ArrayList<>()).add(of(subnet, config));
            }
        }
        return given;
    }

    NetworkEntity.Addresses addresses() {
        String all = subnet.toString();
        return new NetworkEntity.Addresses(all, gateway, true, range == null ? all : range.toString());
    }

    static EngineError overlaps() {
        return new EngineError.Forbidden("Pool overlaps with other one on this address space");
    }

    private static Pool of(IpRange subnet, IpamConfig config) {
        IpFamily family = subnet.family();
        IpRange range = isGiven(config.ipRange()) ? IpRange.of(config.ipRange()) : null;
        Set<BigInteger> taken = new HashSet<>(subnet.kept());
        BigInteger gateway =
                isGiven(config.gateway()) ? family.address(config.gateway()).orElseThrow() : first(subnet, range);
        if (!taken.add(gateway)) {
            throw new EngineError.Failed("failed to allocate gateway (%s): %s".formatted(config.gateway(), TAKEN));
        }
        List<String> reserved = new ArrayList<>();
        new TreeMap<>(addresses(config)).forEach((name, address) -> {
            if (!taken.add(family.address(address).orElseThrow())) {
                throw new EngineError.Failed(
                        "failed to allocate secondary ip address (%s:%s): %s".formatted(name, address, TAKEN));
            }
            reserved.add(address);
        });
        return new Pool(subnet, family.text(gateway), range, List.copyOf(reserved));
    }

    private static BigInteger first(IpRange subnet, IpRange range) {
        return range == null || range.network().equals(subnet.network())
                ? subnet.first()
                        .orElseThrow(() -> new EngineError.Failed(
                                "failed to allocate gateway (): no available addresses on this pool"))
                : range.network();
    }

    /** All faults at once, as dockerd tells them. */
    private static void check(List<IpamConfig> configs, Set<IpFamily> families) {
        List<String> faults = new ArrayList<>();
        for (IpamConfig config : configs) {
            check(config == null ? new IpamConfig("", "") : config, families, faults);
        }
        if (!faults.isEmpty()) {
            throw new EngineError.BadParameter(Faults.joined("invalid network config", faults));
        }
    }

    private static void check(IpamConfig config, Set<IpFamily> families, List<String> faults) {
        String text = config.subnet() == null ? "" : config.subnet();
        IpRange subnet = IpRange.parse(text).orElse(null);
        if (subnet == null) {
            faults.add("invalid subnet " + text + ": invalid CIDR block notation");
            return;
        }
        if (!families.contains(subnet.family())) {
            return;
        }
        if (!isSame(subnet, text)) {
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

    /** Whether the text names the network by its own address, however that is written. */
    private static boolean isSame(IpRange range, String text) {
        return range.family()
                .address(text.substring(0, text.indexOf('/')))
                .orElseThrow()
                .equals(range.network());
    }

    private static void checkRange(String text, IpRange subnet, List<String> faults) {
        IpRange range = IpRange.parse(text).orElse(null);
        String fault = "invalid ip-range " + text + ": ";
        if (IpFamily.of(text) != subnet.family()) {
            faults.add(fault + otherFamily(subnet));
            return;
        }
        if (range == null) {
            faults.add(fault + "invalid CIDR block notation");
            return;
        }
        if (range.prefix() < subnet.prefix()) {
            faults.add(fault + "CIDR block is bigger than its parent subnet " + subnet);
        }
        if (!isSame(range, text)) {
            faults.add(fault + "it should be " + range);
        } else if (!range.overlaps(subnet)) {
            faults.add(fault + "parent subnet " + subnet + " doesn't contain ip-range");
        }
    }

    private static void checkAddress(String about, String text, IpRange subnet, List<String> faults) {
        if (!text.isEmpty() && IpFamily.of(text) != subnet.family() && isAddress(text)) {
            faults.add(about + ": " + otherFamily(subnet));
        } else if (!isAddress(text)) {
            faults.add(about + ": invalid address");
        } else if (!subnet.contains(text)) {
            faults.add(about + ": parent subnet " + subnet + " doesn't contain this address");
        }
    }

    private static boolean isAddress(String text) {
        return IpFamily.of(text).address(text).isPresent();
    }

    private static String otherFamily(IpRange subnet) {
        return "parent subnet is an " + subnet.family().word() + " block";
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
