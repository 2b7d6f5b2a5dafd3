package dev.gantry.network.state;

import dev.gantry.agent.api.NetworkState;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.json.Truth;
import dev.gantry.network.address.IpFamily;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a network is made on hosts, with what its options say. */
public sealed interface Driver {
    /** Docker's word. */
    String word();

    /** One whose containers have interfaces and addresses. */
    sealed interface Addressed extends Driver {
        int LEAST_IPV6_MTU = 1280;

        /** What the interfaces in containers are called, before their number. */
        String interfacePrefix();

        /** Bytes; 0 where that of another interface counts. */
        int mtu();

        /** @throws EngineError.BadParameter for an MTU with which the kernel has no IPv6: RFC 8200, 5 */
        default void checkIpv6() {
            if (mtu() != 0 && mtu() < LEAST_IPV6_MTU) {
                throw new EngineError.BadParameter("the MTU %d is too small for IPv6, which needs %d bytes at least"
                        .formatted(mtu(), LEAST_IPV6_MTU));
            }
        }
    }

    /**
     * Containers have addresses, and a bridge on their host leads to them.
     *
     * @param name of the interface; empty where it is ours to choose
     * @param mtu bytes
     * @param hostBinding where ports are published that name no address; empty for every address
     * @param interfacePrefix what the interfaces in containers are called, before their number
     * @param modes of each family, how what is beyond the network is reached
     */
    record Bridge(
            String name,
            int mtu,
            boolean masquerade,
            boolean icc,
            String hostBinding,
            String interfacePrefix,
            Map<IpFamily, NetworkState.Mode> modes)
            implements Addressed {
        public static final String NAME_OPTION = "com.docker.network.bridge.name";

        private static final String MASQUERADE = "com.docker.network.bridge.enable_ip_masquerade";
        private static final String ICC = "com.docker.network.bridge.enable_icc";
        private static final String HOST_BINDING = "com.docker.network.bridge.host_binding_ipv4";
        private static final Map<IpFamily, String> MODES = Map.of(
                IpFamily.V4, "com.docker.network.bridge.gateway_mode_ipv4",
                IpFamily.V6, "com.docker.network.bridge.gateway_mode_ipv6");
        private static final String DEFAULT_BRIDGE = "com.docker.network.bridge.default_bridge";
        private static final List<String> KNOWN = List.of(
                NAME_OPTION,
                Options.MTU,
                MASQUERADE,
                ICC,
                HOST_BINDING,
                Options.INTERFACE_PREFIX,
                DEFAULT_BRIDGE,
                MODES.get(IpFamily.V4),
                MODES.get(IpFamily.V6));

        private static final String ETHERNET_MTU = "1500";

        /** @throws EngineError for what no bridge can be, and for options of dockerd's that we do not know */
        static Bridge of(Map<String, String> options) {
            Options.requireKnown(options, KNOWN);
            String name = options.getOrDefault(NAME_OPTION, "");
            Options.require(
                    name.isEmpty() || name.matches(Options.INTERFACE), NAME_OPTION, name, "not a name of an interface");
            String binding = options.getOrDefault(HOST_BINDING, "0.0.0.0");
            String address = IpFamily.canonical(binding);
            Options.require(IpFamily.V4.address(address).isPresent(), HOST_BINDING, binding, "nil ip");
            // Whatever it says, this is not the network that every host has.
            flag(DEFAULT_BRIDGE, options);
            return new Bridge(
                    name,
                    Options.mtu(options, ETHERNET_MTU),
                    flag(MASQUERADE, options),
                    flag(ICC, options),
                    address.equals("0.0.0.0") ? "" : address,
                    Options.interfacePrefix(options),
                    modes(options));
        }

        private static Map<IpFamily, NetworkState.Mode> modes(Map<String, String> options) {
            Map<IpFamily, NetworkState.Mode> modes = new EnumMap<>(IpFamily.class);
            MODES.forEach((family, option) -> modes.put(
                    family,
                    switch (options.getOrDefault(option, "")) {
                        case "", "nat" -> NetworkState.Mode.NAT;
                        case "routed" -> NetworkState.Mode.ROUTED;
                        case "isolated" -> NetworkState.Mode.ISOLATED;
                        case "nat-unprotected" ->
                            throw new EngineError.NotSupported("the gateway mode nat-unprotected is not supported yet");
                        default ->
                            throw new EngineError.BadParameter("failed to parse %s value: %s (unknown gateway mode %s)"
                                    .formatted(option, options.get(option), options.get(option)));
                    }));
            return modes;
        }

        /** @throws EngineError.BadParameter for a network that leads elsewhere and has a family that does not */
        public void check(boolean internal) {
            if (!internal && modes.containsValue(NetworkState.Mode.ISOLATED)) {
                throw new EngineError.BadParameter("gateway mode 'isolated' can only be used for an internal network");
            }
        }

        private static boolean flag(String option, Map<String, String> options) {
            String text = options.getOrDefault(option, "true");
            Optional<Boolean> value = Truth.parse(text);
            Options.require(
                    value.isPresent(), option, text, "strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
            return value.get();
        }

        @Override
        public String word() {
            return "bridge";
        }
    }

    /**
     * Containers share an interface of their host, each with a MAC address of its own (macvlan) or with its (ipvlan).
     *
     * @param parent the interface; empty for one that leads nowhere and is made for the network
     * @param mode in Docker's words, as is {@code flag}, which only ipvlan has
     * @param mtu bytes; 0 for that of the interface
     */
    record Shared(String word, String parent, String mode, String flag, int mtu, String interfacePrefix)
            implements Addressed {
        private static final String PARENT = "parent";
        private static final List<String> KNOWN = List.of(Options.MTU, Options.INTERFACE_PREFIX);
        private static final int LAST_VLAN = 4094;

        /** @throws EngineError in dockerd's words */
        static Shared macvlan(Map<String, String> options) {
            String mode = Options.given(options, "macvlan_mode", "bridge");
            if (!List.of("bridge", "private", "vepa", "passthru").contains(mode)) {
                throw new EngineError.Failed(
                        "requested macvlan mode '%s' is not valid, 'bridge' mode is the macvlan driver default"
                                .formatted(mode));
            }
            return of("macvlan", options, mode, "");
        }

        /** @throws EngineError in dockerd's words */
        static Shared ipvlan(Map<String, String> options) {
            String mode = Options.given(options, "ipvlan_mode", "l2");
            if (!List.of("l2", "l3", "l3s").contains(mode)) {
                throw new EngineError.Failed(
                        "requested ipvlan mode '%s' is not valid, 'l2' mode is the ipvlan driver default"
                                .formatted(mode));
            }
            String flag = Options.given(options, "ipvlan_flag", "bridge");
            if (!List.of("bridge", "private", "vepa").contains(flag)) {
                throw new EngineError.Failed(
                        "requested ipvlan flag '%s' is not valid, 'bridge' is the ipvlan driver default"
                                .formatted(flag));
            }
            return of("ipvlan", options, mode, flag);
        }

        private static Shared of(String word, Map<String, String> options, String mode, String flag) {
            Options.requireKnown(options, KNOWN);
            String parent = options.getOrDefault(PARENT, "");
            if (parent.equals("lo")) {
                throw new EngineError.Failed("loopback interface is not a valid " + word + " parent link");
            }
            if (!parent.isEmpty() && !parent.matches(Options.INTERFACE)) {
                throw new EngineError.Failed(
                        "invalid subinterface vlan name %s, example formatting is eth0.10".formatted(parent));
            }
            String vlan = parent.substring(parent.lastIndexOf('.') + 1);
            if (parent.indexOf('.') > 0
                    && vlan.matches("\\d{1,9}")
                    && (Integer.parseInt(vlan) < 1 || Integer.parseInt(vlan) > LAST_VLAN)) {
                throw new EngineError.Failed("vlan id must be between 1-4094, received: " + Integer.parseInt(vlan));
            }
            return new Shared(word, parent, mode, flag, Options.mtu(options, "0"), Options.interfacePrefix(options));
        }

        /** Whether it has no routers: what it has not itself is asked for on the link, or is nowhere. */
        public boolean isLinkOnly() {
            return mode.startsWith("l3");
        }

        /** Of the network's own interface on hosts, where it is made for it; by which dockerd calls the network, too. */
        public String dummyName(String networkId) {
            return (word.equals("macvlan") ? "dm-" : "di-") + networkId.substring(0, 12);
        }
    }

    /** Containers use the host's own interfaces. */
    record Host() implements Driver {
        @Override
        public String word() {
            return "host";
        }
    }

    /** Containers have a loopback only. */
    record None() implements Driver {
        @Override
        public String word() {
            return "null";
        }
    }

    /**
     * @throws EngineError in dockerd's words for a driver that there is not, and for options that it cannot follow
     */
    static Driver of(String word, Map<String, String> options) {
        return switch (word) {
            case "bridge" -> Bridge.of(options);
            case "host" -> new Host();
            case "null" -> new None();
            case "macvlan" -> Shared.macvlan(options);
            case "ipvlan" -> Shared.ipvlan(options);
            case "overlay" ->
                throw new EngineError.Forbidden("This node is not a swarm manager. Use \"docker swarm init\" or"
                        + " \"docker swarm join\" to connect this node to swarm and try again.");
            default -> throw new EngineError.NotFound("plugin \"" + word + "\" not found");
        };
    }

    /** What options of several drivers have in common. */
    final class Options {
        private static final String MTU = "com.docker.network.driver.mtu";
        private static final String INTERFACE_PREFIX = "com.docker.network.container_iface_prefix";
        private static final String OURS = "com.docker.network.";
        private static final int LEAST_MTU = 68;
        private static final int MOST_MTU = 65_535;

        /** IFNAMSIZ of linux/if.h, without the final zero. */
        private static final String INTERFACE = "[A-Za-z0-9_-][A-Za-z0-9_.-]{0,14}";

        /** Numbers go behind it. */
        private static final String PREFIX = "[A-Za-z_-][A-Za-z0-9_.-]{0,10}";

        private Options() {}

        private static void requireKnown(Map<String, String> options, List<String> known) {
            for (String option : options.keySet()) {
                if (option.startsWith(OURS) && !known.contains(option)) {
                    throw new EngineError.NotSupported("the network option " + option + " is not supported yet");
                }
            }
        }

        /** An empty value counts as none. */
        private static String given(Map<String, String> options, String option, String standard) {
            String value = options.getOrDefault(option, "");
            return value.isEmpty() ? standard : value;
        }

        private static String interfacePrefix(Map<String, String> options) {
            String prefix = given(options, INTERFACE_PREFIX, "eth");
            require(prefix.matches(PREFIX), INTERFACE_PREFIX, prefix, "not the beginning of an interface's name");
            return prefix;
        }

        /** @param standard what 0 means, too */
        private static int mtu(Map<String, String> options, String standard) {
            String text = options.getOrDefault(MTU, standard);
            require(text.matches("[+-]?\\d{1,9}"), MTU, text, "strconv.Atoi: parsing \"" + text + "\": invalid syntax");
            int mtu = Integer.parseInt(text);
            if (mtu < 0) {
                throw new EngineError.BadParameter("invalid MTU number: " + mtu);
            }
            if (mtu != 0 && (mtu < LEAST_MTU || mtu > MOST_MTU)) {
                throw new EngineError.Failed("invalid argument");
            }
            return mtu == 0 ? Integer.parseInt(standard) : mtu;
        }

        private static void require(boolean condition, String option, String value, String reason) {
            if (!condition) {
                throw new EngineError.BadParameter(
                        "failed to parse %s value: %s (%s)".formatted(option, value, reason));
            }
        }
    }
}
