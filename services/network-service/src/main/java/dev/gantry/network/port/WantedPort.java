package dev.gantry.network.port;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.PortBinding;
import dev.gantry.network.address.IpFamily;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A container port to publish.
 *
 * @param hostIp empty for every address, IPv4 and IPv6
 * @param first first host port that will do; 0 leaves the choice to us
 * @param last last host port that will do
 */
record WantedPort(String protocol, int containerPort, String hostIp, int first, int last) {
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");

    /** Those that leave no choice come first, so that none of them finds its port given away. */
    private static final Comparator<WantedPort> LEAST_CHOICE_FIRST = Comparator.comparing(
                    (WantedPort port) -> port.isAny() ? Integer.MAX_VALUE : port.last() - port.first())
            .thenComparing(WantedPort::protocol)
            .thenComparingInt(WantedPort::containerPort);

    /** The same, on that address if it names none. */
    WantedPort on(String binding) {
        return hostIp.isEmpty() ? new WantedPort(protocol, containerPort, binding, first, last) : this;
    }

    boolean isAny() {
        return first == 0;
    }

    boolean isFixed() {
        return !isAny() && first == last;
    }

    /** In the order in which they are to be given. */
    static List<WantedPort> of(ConnectRequest request) {
        List<WantedPort> wanted = new ArrayList<>();
        request.ports().forEach((port, bindings) -> {
            if (bindings != null) {
                bindings.forEach(binding -> add(wanted, port, binding));
            }
        });
        if (request.publishAll()) {
            addExposed(wanted, request.exposedPorts());
        }
        wanted.sort(LEAST_CHOICE_FIRST);
        return wanted;
    }

    /** By protocol, each port once in however many ranges it is. An image may expose what is no port: it is passed over. */
    static Map<String, BitSet> exposed(Collection<String> ranges) {
        Map<String, BitSet> ports = new TreeMap<>();
        for (String port : ranges) {
            if (PROTOCOLS.contains(protocol(port))) {
                numbers(number(port)).ifPresent(range -> ports.computeIfAbsent(protocol(port), _ -> new BitSet())
                        .set(range[0], range[1] + 1));
            }
        }
        return ports;
    }

    /** Those that have no bindings. */
    private static void addExposed(List<WantedPort> wanted, Collection<String> exposed) {
        Map<String, BitSet> ports = exposed(exposed);
        wanted.forEach(port -> ports.getOrDefault(port.protocol(), new BitSet()).clear(port.containerPort()));
        ports.forEach((protocol, numbers) ->
                numbers.stream().forEach(port -> wanted.add(new WantedPort(protocol, port, "", 0, 0))));
    }

    private static String number(String port) {
        return port.split("/", 2)[0];
    }

    private static String protocol(String port) {
        int slash = port.indexOf('/');
        return slash < 0 ? "tcp" : port.substring(slash + 1).toLowerCase(Locale.ROOT);
    }

    private static void add(List<WantedPort> wanted, String port, PortBinding binding) {
        boolean any = binding.hostPort() == null || binding.hostPort().isEmpty();
        int[] outside = any ? new int[] {0, 0} : range(binding.hostPort());
        wanted.add(new WantedPort(protocol(port), range(number(port))[0], hostIp(binding), outside[0], outside[1]));
    }

    private static String hostIp(PortBinding binding) {
        String ip = binding.hostIp() == null ? "" : binding.hostIp();
        return IpFamily.canonical(ip.startsWith("[") && ip.endsWith("]") ? ip.substring(1, ip.length() - 1) : ip);
    }

    private static int[] range(String text) {
        return numbers(text)
                .orElseThrow(() -> new EngineError.BadParameter("invalid port specification: \"" + text + "\""));
    }

    /** The first and the last one; empty for what is no port and no range. */
    private static Optional<int[]> numbers(String text) {
        int dash = text.indexOf('-');
        try {
            int first = Integer.parseInt(dash < 0 ? text : text.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(text.substring(dash + 1));
            return first >= 0 && last >= first && last <= 65_535
                    ? Optional.of(new int[] {first, last})
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
