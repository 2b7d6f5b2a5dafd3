package dev.gantry.network.state;

import java.util.Map;

/** How a network is made on hosts, with what its options say. */
public sealed interface Driver {
    /** Docker's word. */
    String word();

    /** Containers have addresses, and a bridge on their host leads to them. */
    record Bridge(int mtu, boolean masquerade, boolean icc) implements Driver {
        public static final String NAME_OPTION = "com.docker.network.bridge.name";

        private static final String MTU = "com.docker.network.driver.mtu";
        private static final String MASQUERADE = "com.docker.network.bridge.enable_ip_masquerade";
        private static final String ICC = "com.docker.network.bridge.enable_icc";
        private static final String ETHERNET_MTU = "1500";

        static Bridge of(Map<String, String> options) {
            return new Bridge(
                    Integer.parseInt(options.getOrDefault(MTU, ETHERNET_MTU)),
                    Boolean.parseBoolean(options.getOrDefault(MASQUERADE, "true")),
                    Boolean.parseBoolean(options.getOrDefault(ICC, "true")));
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

    /** @param options of the network, checked when it was made */
    static Driver of(String word, Map<String, String> options) {
        return switch (word) {
            case "bridge" -> Bridge.of(options);
            case "host" -> new Host();
            case "null" -> new None();
            default -> throw new IllegalArgumentException("no driver " + word);
        };
    }
}
