package dev.gantry.network.port;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.api.PortTaken;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;

/** Gives host ports to one container: the arithmetic, without the database. */
final class PortAllocator {
    static final int FIRST = 32_768;
    static final int LAST = 60_999;

    private static final List<String> IPV4_WILDCARD = List.of("0.0.0.0");
    private static final List<String> BOTH_WILDCARDS = List.of("0.0.0.0", "::");

    private final TakenPorts taken = new TakenPorts();
    private final BitSet foreign = new BitSet();
    private final boolean ipv6;
    private int cursor;

    /**
     * @param taken ports of other containers on the host
     * @param foreign ports that something else on the host has, whatever the address
     * @param ipv6 whether a port on every address includes {@code ::}
     * @param cursor the port of our choice that was given last, or 0
     */
    PortAllocator(Collection<PublishedPort> taken, Collection<Integer> foreign, boolean ipv6, int cursor) {
        taken.forEach(this.taken::add);
        foreign.forEach(this.foreign::set);
        this.ipv6 = ipv6;
        this.cursor = cursor;
    }

    /** @throws PortUnavailable in Docker's words */
    List<PublishedPort> allocate(List<WantedPort> wanted) {
        List<PublishedPort> given = new ArrayList<>();
        for (WantedPort port : wanted) {
            List<PublishedPort> bindings = allocate(port);
            bindings.forEach(taken::add);
            given.addAll(bindings);
        }
        return given;
    }

    /** The port of our choice that was given last. */
    int cursor() {
        return cursor;
    }

    private List<PublishedPort> allocate(WantedPort wanted) {
        if (wanted.isAny()) {
            for (int i = 0; i <= LAST - FIRST; i++) {
                cursor = cursor < FIRST || cursor >= LAST ? FIRST : cursor + 1;
                if (isFree(wanted, cursor)) {
                    return bindings(wanted, cursor);
                }
            }
            throw new PortUnavailable("all ports are allocated");
        }
        for (int port = wanted.first(); port <= wanted.last(); port++) {
            if (isFree(wanted, port)) {
                return bindings(wanted, port);
            }
        }
        throw new PortUnavailable(refusal(wanted));
    }

    private String refusal(WantedPort wanted) {
        String ip = wanted.hostIp().isEmpty() ? "0.0.0.0" : wanted.hostIp();
        if (!wanted.isFixed()) {
            return "all ports are allocated";
        }
        return foreign.get(wanted.first())
                ? PortTaken.message(
                        new PublishedPort(wanted.protocol(), ip, wanted.first(), wanted.containerPort()),
                        "address already in use")
                : "Bind for %s:%d failed: port is already allocated".formatted(ip, wanted.first());
    }

    /** A port on every address is one on each family's wildcard, both with the same number. */
    private List<PublishedPort> bindings(WantedPort wanted, int port) {
        return addresses(wanted).stream()
                .map(address -> new PublishedPort(wanted.protocol(), address, port, wanted.containerPort()))
                .toList();
    }

    private List<String> addresses(WantedPort wanted) {
        return wanted.hostIp().isEmpty() ? (ipv6 ? BOTH_WILDCARDS : IPV4_WILDCARD) : List.of(wanted.hostIp());
    }

    private boolean isFree(WantedPort wanted, int port) {
        return !foreign.get(port)
                && addresses(wanted).stream().noneMatch(address -> taken.has(wanted.protocol(), address, port));
    }
}
