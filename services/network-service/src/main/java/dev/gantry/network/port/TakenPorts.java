package dev.gantry.network.port;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Which ports of a host are taken, by protocol and address: a question costs the same however many there are. */
final class TakenPorts {
    private final Map<String, BitSet> byAddress = new HashMap<>();
    private final Map<String, BitSet> onAnyAddress = new HashMap<>();

    void add(PublishedPort run) {
        int end = run.hostPort() + run.count();
        byAddress
                .computeIfAbsent(run.protocol() + " " + run.hostIp(), none -> new BitSet())
                .set(run.hostPort(), end);
        onAnyAddress
                .computeIfAbsent(family(run.protocol(), run.hostIp()), none -> new BitSet())
                .set(run.hostPort(), end);
    }

    /** Whether a socket on that address would meet one that is there: the same address, or a wildcard on either side. */
    boolean has(String protocol, String hostIp, int port) {
        return isWildcard(hostIp)
                ? isSet(onAnyAddress.get(family(protocol, hostIp)), port)
                : isSet(byAddress.get(protocol + " " + hostIp), port)
                        || isSet(byAddress.get(protocol + " " + (isIpv6(hostIp) ? "::" : "0.0.0.0")), port);
    }

    private static boolean isSet(BitSet ports, int port) {
        return ports != null && ports.get(port);
    }

    private static String family(String protocol, String hostIp) {
        return protocol + (isIpv6(hostIp) ? "6" : "4");
    }

    private static boolean isIpv6(String hostIp) {
        return hostIp.indexOf(':') >= 0;
    }

    private static boolean isWildcard(String hostIp) {
        return hostIp.equals("0.0.0.0") || hostIp.equals("::");
    }
}
