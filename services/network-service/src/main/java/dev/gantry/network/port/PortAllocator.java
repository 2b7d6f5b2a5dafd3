package dev.gantry.network.port;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.api.PortTaken;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Gives host ports to one container: the arithmetic, without the database. */
final class PortAllocator {
    static final int FIRST = 32_768;
    static final int LAST = 60_999;

    private final Set<PublishedPort> taken = new HashSet<>();
    private final Set<Integer> foreign;
    private final boolean ipv6;
    private int cursor;

    /**
     * @param taken ports of other containers on the host
     * @param foreign ports that something else on the host has, whatever the address
     * @param ipv6 whether a port on every address includes {@code ::}
     * @param cursor the port of our choice that was given last, or 0
     */
    PortAllocator(Collection<PublishedPort> taken, Collection<Integer> foreign, boolean ipv6, int cursor) {
        this.taken.addAll(taken);
        this.foreign = Set.copyOf(foreign);
        this.ipv6 = ipv6;
        this.cursor = cursor;
    }

    /** @throws PortUnavailable in Docker's words */
    List<PublishedPort> allocate(List<WantedPort> wanted) {
        List<PublishedPort> given = new ArrayList<>();
        for (WantedPort port : wanted) {
            List<PublishedPort> bindings = allocate(port);
            taken.addAll(bindings);
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
                List<PublishedPort> bindings = bindings(wanted, cursor);
                if (areFree(bindings)) {
                    return bindings;
                }
            }
            throw new PortUnavailable("all ports are allocated");
        }
        for (int port = wanted.first(); port <= wanted.last(); port++) {
            List<PublishedPort> bindings = bindings(wanted, port);
            if (areFree(bindings)) {
                return bindings;
            }
        }
        throw new PortUnavailable(refusal(wanted));
    }

    private String refusal(WantedPort wanted) {
        String ip = wanted.hostIp().isEmpty() ? "0.0.0.0" : wanted.hostIp();
        if (!wanted.isFixed()) {
            return "all ports are allocated";
        }
        return foreign.contains(wanted.first())
                ? PortTaken.message(
                        new PublishedPort(wanted.protocol(), ip, wanted.first(), wanted.containerPort()),
                        "address already in use")
                : "Bind for %s:%d failed: port is already allocated".formatted(ip, wanted.first());
    }

    /** A port on every address is one on each family's wildcard, both with the same number. */
    private List<PublishedPort> bindings(WantedPort wanted, int port) {
        List<String> addresses = new ArrayList<>();
        if (wanted.hostIp().isEmpty()) {
            addresses.add("0.0.0.0");
            if (ipv6) {
                addresses.add("::");
            }
        } else {
            addresses.add(wanted.hostIp());
        }
        return addresses.stream()
                .map(address -> new PublishedPort(wanted.protocol(), address, port, wanted.containerPort()))
                .toList();
    }

    private boolean areFree(List<PublishedPort> bindings) {
        return bindings.stream()
                .noneMatch(binding -> foreign.contains(binding.hostPort())
                        || taken.stream().anyMatch(other -> collide(binding, other)));
    }

    private static boolean collide(PublishedPort one, PublishedPort other) {
        return one.hostPort() == other.hostPort()
                && one.protocol().equals(other.protocol())
                && isIpv6(one) == isIpv6(other)
                && (isWildcard(one) || isWildcard(other) || one.hostIp().equals(other.hostIp()));
    }

    private static boolean isIpv6(PublishedPort port) {
        return port.hostIp().indexOf(':') >= 0;
    }

    private static boolean isWildcard(PublishedPort port) {
        return port.hostIp().equals("0.0.0.0") || port.hostIp().equals("::");
    }
}
