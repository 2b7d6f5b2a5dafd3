package dev.gantry.network.state;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.json.Truth;
import dev.gantry.network.address.IpFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a network is made on hosts, with what its options say. */
public sealed interface Driver {
    /** Docker's word. */
    String word();

    /**
     * Containers have addresses, and a bridge on their host leads to them.
     *
     * @param name of the interface; empty where it is ours to choose
     * @param mtu bytes
     * @param hostBinding where ports are published that name no address; empty for every address
     * @param interfacePrefix what the interfaces in containers are called, before their number
     */
    record Bridge(String name, int mtu, boolean masquerade, boolean icc, String hostBinding, String interfacePrefix)
            implements Driver {
        public static final String NAME_OPTION = "com.docker.network.bridge.name";

        private static final String MTU = "com.docker.network.driver.mtu";
        private static final String MASQUERADE = "com.docker.network.bridge.enable_ip_masquerade";
        private static final String ICC = "com.docker.network.bridge.enable_icc";
        private static final String HOST_BINDING = "com.docker.network.bridge.host_binding_ipv4";
        private static final String INTERFACE_PREFIX = "com.docker.network.container_iface_prefix";
        private static final String DEFAULT_BRIDGE = "com.docker.network.bridge.default_bridge";
        private static final List<String> KNOWN =
                List.of(NAME_OPTION, MTU, MASQUERADE, ICC, HOST_BINDING, INTERFACE_PREFIX, DEFAULT_BRIDGE);

        private static final String OURS = "com.docker.network.";
        private static final String ETHERNET_MTU = "1500";
        private static final int LEAST_MTU = 68;
        private static final int MOST_MTU = 65_535;

        /** IFNAMSIZ of linux/if.h, without the final zero. */
        private static final String INTERFACE = "[A-Za-z0-9_-][A-Za-z0-9_.-]{0,14}";

        /** Numbers go behind it. */
        private static final String PREFIX = "[A-Za-z_-][A-Za-z0-9_.-]{0,10}";

        /** @throws EngineError for what no bridge can be, and for options of dockerd's that we do not know */
        static Bridge of(Map<String, String> options) {
            for (String option : options.keySet()) {
                if (option.startsWith(OURS) && !KNOWN.contains(option)) {
                    throw new EngineError.NotSupported("the network option " + option + " is not supported yet");
                }
            }
            String name = options.getOrDefault(NAME_OPTION, "");
            require(name.isEmpty() || name.matches(INTERFACE), NAME_OPTION, name, "not a name of an interface");
            String prefix = options.getOrDefault(INTERFACE_PREFIX, "eth");
            require(prefix.matches(PREFIX), INTERFACE_PREFIX, prefix, "not the beginning of an interface's name");
            String binding = options.getOrDefault(HOST_BINDING, "0.0.0.0");
            require(IpFamily.V4.address(binding).isPresent(), HOST_BINDING, binding, "nil ip");
            return new Bridge(
                    name,
                    mtu(options.getOrDefault(MTU, ETHERNET_MTU)),
                    flag(MASQUERADE, options),
                    flag(ICC, options),
                    binding.equals("0.0.0.0") ? "" : binding,
                    prefix);
        }

        private static int mtu(String text) {
            require(text.matches("[+-]?\\d{1,9}"), MTU, text, "strconv.Atoi: parsing \"" + text + "\": invalid syntax");
            int mtu = Integer.parseInt(text);
            if (mtu < 0) {
                throw new EngineError.BadParameter("invalid MTU number: " + mtu);
            }
            if (mtu != 0 && (mtu < LEAST_MTU || mtu > MOST_MTU)) {
                throw new EngineError.Failed("invalid argument");
            }
            return mtu == 0 ? Integer.parseInt(ETHERNET_MTU) : mtu;
        }

        private static boolean flag(String option, Map<String, String> options) {
            String text = options.getOrDefault(option, "true");
            Optional<Boolean> value = Truth.parse(text);
            require(value.isPresent(), option, text, "strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
            return value.get();
        }

        private static void require(boolean condition, String option, String value, String reason) {
            if (!condition) {
                throw new EngineError.BadParameter(
                        "failed to parse %s value: %s (%s)".formatted(option, value, reason));
            }
        }

        @Override
        public String word() {
            return "bridge";
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
            case "macvlan", "ipvlan" ->
                throw new EngineError.NotSupported("the network driver " + word + " is not supported yet");
            case "overlay" ->
                throw new EngineError.Forbidden("This node is not a swarm manager. Use \"docker swarm init\" or"
                        + " \"docker swarm join\" to connect this node to swarm and try again.");
            default -> throw new EngineError.NotFound("plugin \"" + word + "\" not found");
        };
    }
}
