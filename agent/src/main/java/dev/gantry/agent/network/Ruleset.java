package dev.gantry.agent.network;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The text of our nftables table. Rules are written once for each bridge; a published port is only an element of a
 * map, so that starting a container with ports changes no rule. A run of ports that keep their numbers is one element of
 * a map of intervals; any other run is an element for each port.
 *
 * <p>What passes between a container and elsewhere is decided in the chain {@code forward} and then marked with
 * {@link #MARK}, by which a firewall of others can be told to let it through (see {@link DockerBeside}).
 */
final class Ruleset {
    /** Bits set in the mark of forwarded packets that our table accepted. */
    static final int MARK = 0x4700_0000;

    private final String table;

    /** @param table name of the table, of family {@code inet} */
    Ruleset(String table) {
        if (!table.matches("[A-Za-z][A-Za-z0-9_-]{0,30}")) {
            throw new IllegalArgumentException("not a table name: " + table);
        }
        this.table = table;
    }

    /** A published port and where it leads. */
    record Forwarding(PublishedPort port, String address) {
        boolean onEveryAddress() {
            return port.hostIp().isEmpty() || port.hostIp().equals("0.0.0.0");
        }

        /** A run of ports that keep their numbers. */
        boolean isSpan() {
            return port.count() > 1 && port.hostPort() == port.containerPort();
        }

        /** IPv6 is not translated but relayed, see {@link PortRelay}. */
        boolean isTranslated() {
            return port.hostIp().indexOf(':') < 0;
        }
    }

    /** Replaces the whole table. */
    String replace(Collection<Bridge> bridges, Collection<Forwarding> forwardings) {
        return "add table inet %s\n%s%s".formatted(table, remove(), definition(bridges, forwardings));
    }

    String remove() {
        return "delete table inet %s\n".formatted(table);
    }

    String add(Collection<Forwarding> forwardings) {
        return elements("add", forwardings);
    }

    /** Elements are named by their keys alone: the same text fits whatever they lead to. */
    String delete(Collection<Forwarding> forwardings) {
        return elements("delete", forwardings);
    }

    /** Lists the table's sets without its rules: a cheap way to see whether it is there. */
    String probe() {
        return "list set inet %s bridges\n".formatted(table);
    }

    private String elements(String verb, Collection<Forwarding> forwardings) {
        boolean withTarget = verb.equals("add");
        return Stream.of(PortMap.values())
                .map(map -> element(verb, map, forwardings, withTarget))
                .collect(Collectors.joining());
    }

    private String element(String verb, PortMap map, Collection<Forwarding> forwardings, boolean withTarget) {
        String elements = join(map, forwardings, withTarget);
        return elements.isEmpty() ? "" : "%s element inet %s %s { %s }\n".formatted(verb, table, map.title, elements);
    }

    private static String join(PortMap map, Collection<Forwarding> forwardings, boolean withTarget) {
        return forwardings.stream()
                .filter(map::holds)
                .flatMap(map::elements)
                .map(forwarding -> key(forwarding) + (withTarget ? " : " + map.target(forwarding) : ""))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static String key(Forwarding forwarding) {
        PublishedPort port = forwarding.port();
        String address = forwarding.onEveryAddress() ? "" : checkedAddress(port.hostIp()) + " . ";
        int last = port.hostPort() + port.count() - 1;
        return address + protocol(port) + " . " + port.hostPort() + (port.count() > 1 ? "-" + last : "");
    }

    /** The maps of the table that lead published ports to their containers. */
    private enum PortMap {
        PUBLISHED("published", true, false),
        PUBLISHED_ON("published_on", false, false),
        SPANS("spans", true, true),
        SPANS_ON("spans_on", false, true);

        private final String title;
        private final boolean onEveryAddress;
        private final boolean intervals;

        PortMap(String title, boolean onEveryAddress, boolean intervals) {
            this.title = title;
            this.onEveryAddress = onEveryAddress;
            this.intervals = intervals;
        }

        boolean holds(Forwarding forwarding) {
            return forwarding.isTranslated()
                    && forwarding.onEveryAddress() == onEveryAddress
                    && forwarding.isSpan() == intervals;
        }

        Stream<Forwarding> elements(Forwarding forwarding) {
            return intervals
                    ? Stream.of(forwarding)
                    : forwarding.port().each().map(port -> new Forwarding(port, forwarding.address()));
        }

        String target(Forwarding forwarding) {
            return intervals ? checkedAddress(forwarding.address()) : Ruleset.target(forwarding);
        }
    }

    private static String target(Forwarding forwarding) {
        return checkedAddress(forwarding.address()) + " . " + forwarding.port().containerPort();
    }

    private String definition(Collection<Bridge> bridges, Collection<Forwarding> forwardings) {
        return """
                table inet %s {
                  set bridges {
                    type ifname
                    %s
                  }
                  map published {
                    type inet_proto . inet_service : ipv4_addr . inet_service
                    %s
                  }
                  map published_on {
                    type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
                    %s
                  }
                  map spans {
                    type inet_proto . inet_service : ipv4_addr
                    flags interval
                    %s
                  }
                  map spans_on {
                    type ipv4_addr . inet_proto . inet_service : ipv4_addr
                    flags interval
                    %s
                  }
                  chain early {
                    type filter hook prerouting priority raw; policy accept;
                    iifname @bridges ip daddr 127.0.0.0/8 drop
                  }
                  chain published {
                    dnat ip addr . port to ip daddr . meta l4proto . th dport map @published_on
                    dnat ip addr . port to meta l4proto . th dport map @published
                    dnat ip to ip daddr . meta l4proto . th dport map @spans_on
                    dnat ip to meta l4proto . th dport map @spans
                  }
                  chain prerouting {
                    type nat hook prerouting priority dstnat; policy accept;
                    fib daddr type local jump published
                  }
                  chain output {
                    type nat hook output priority -100; policy accept;
                    fib daddr type local jump published
                  }
                  chain postrouting {
                    type nat hook postrouting priority srcnat; policy accept;
                    ip saddr 127.0.0.0/8 oifname @bridges masquerade
                %s  }
                  chain vouch {
                    meta mark set meta mark | 0x%s accept
                  }
                  chain inbound {
                    ct state established,related goto vouch
                    ct status dnat goto vouch
                %s    drop
                  }
                  chain outbound {
                    oifname { "docker0", "docker_gwbridge" } return
                    goto vouch
                  }
                  chain forward {
                    type filter hook forward priority filter - 5; policy accept;
                %s    oifname @bridges goto inbound
                    iifname @bridges goto outbound
                  }
                  chain redirects {
                    type filter hook output priority filter; policy accept;
                    oifname @bridges icmp type redirect drop
                  }
                }
                """
                .formatted(
                        table,
                        set(bridges.stream()
                                .map(bridge -> '"' + checkedName(bridge.name()) + '"')
                                .collect(Collectors.joining(", "))),
                        set(join(PortMap.PUBLISHED, forwardings, true)),
                        set(join(PortMap.PUBLISHED_ON, forwardings, true)),
                        set(join(PortMap.SPANS, forwardings, true)),
                        set(join(PortMap.SPANS_ON, forwardings, true)),
                        bridges.stream().map(Ruleset::sourceRules).collect(Collectors.joining()),
                        Integer.toHexString(MARK),
                        bridges.stream()
                                .filter(Bridge::icc)
                                .map(bridge ->
                                        "    iifname \"%1$s\" oifname \"%1$s\" goto vouch\n".formatted(bridge.name()))
                                .collect(Collectors.joining()),
                        bridges.stream()
                                .filter(Bridge::internal)
                                .map(Ruleset::closedRules)
                                .collect(Collectors.joining()));
    }

    /** Also what a published port of another container would let through: it is translated before it is forwarded. */
    private static String closedRules(Bridge bridge) {
        return """
                    iifname "%1$s" oifname != "%1$s" drop
                    iifname != "%1$s" oifname "%1$s" drop
                """
                .formatted(bridge.name());
    }

    /**
     * A container that reaches another one (or itself) by a published port must see the answer come from there, so it
     * is masqueraded even within the bridge.
     */
    private static String sourceRules(Bridge bridge) {
        Cidr subnet = Cidr.parse(bridge.subnet());
        String hairpin = "    ip saddr %s oifname \"%s\" ct status dnat masquerade\n".formatted(subnet, bridge.name());
        String outbound = "    ip saddr %s oifname != \"%s\" masquerade\n".formatted(subnet, bridge.name());
        return hairpin + (bridge.masquerade() ? outbound : "");
    }

    private static String set(String elements) {
        return elements.isEmpty() ? "" : "elements = { " + elements + " }";
    }

    private static String protocol(PublishedPort port) {
        return switch (port.protocol().toLowerCase(Locale.ROOT)) {
            case "udp" -> "udp";
            case "sctp" -> "sctp";
            default -> "tcp";
        };
    }

    /** Names and addresses become part of nft's language: nothing but what they should be gets there. */
    private static String checkedName(String name) {
        if (!name.matches("[A-Za-z0-9_.-]{1,15}")) {
            throw new IllegalArgumentException("not an interface name: " + name);
        }
        return name;
    }

    private static String checkedAddress(String address) {
        return Cidr.parse(address + "/32").address().getHostAddress();
    }
}
