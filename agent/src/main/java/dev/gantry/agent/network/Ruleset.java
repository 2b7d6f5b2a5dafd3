package dev.gantry.agent.network;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
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
            return port.hostIp().isEmpty()
                    || port.hostIp().equals("0.0.0.0")
                    || port.hostIp().equals("::");
        }

        /** A run of ports that keep their numbers. */
        boolean isSpan() {
            return port.count() > 1 && port.hostPort() == port.containerPort();
        }

        /** What leads from one family to the other is not translated but relayed, see {@link PortRelay}. */
        boolean isTranslated() {
            return port.isIpv6() == address.indexOf(':') >= 0;
        }
    }

    /** Replaces all rules. */
    String replace(Collection<Bridge> bridges, Collection<Forwarding> forwardings) {
        return "add table inet %s\n%s%s%s"
                .formatted(table, remove(), definition(bridges, forwardings), separate(bridges));
    }

    String remove() {
        return "delete table inet %s\n".formatted(table);
    }

    /**
     * Lets members of bridges without {@code enable_icc} reach each other only where {@link #definition} vouched for it:
     * with br_netfilter what comes by a published port is forwarded as a frame of the bridge. (An isolated port would
     * drop that as well.) Ports are known by their group, as not every kernel can tell a port's bridge. Such a table is
     * there only if there is such a bridge: not every kernel has the family.
     */
    private String separate(Collection<Bridge> bridges) {
        if (bridges.stream().allMatch(Bridge::icc)) {
            return "";
        }
        return """
                add table bridge %1$s
                delete table bridge %1$s
                table bridge %1$s {
                  chain forward {
                    type filter hook forward priority 10; policy accept;
                    meta mark & 0x%2$s == 0x%2$s accept
                    meta iifgroup %3$d drop
                    meta oifgroup %3$d drop
                  }
                }
                """
                .formatted(table, Integer.toHexString(MARK), Links.CLOSED_GROUP);
    }

    /** Undoes {@link #separate}. */
    String unite() {
        return "delete table bridge %s\n".formatted(table);
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

    /** The same for what {@link #separate} made. */
    String probeSeparate() {
        return "list chain bridge %s forward\n".formatted(table);
    }

    private String elements(String verb, Collection<Forwarding> forwardings) {
        boolean withTarget = verb.equals("add");
        return Stream.concat(
                        Stream.of(PortMap.values()).map(map -> element(verb, map, forwardings, withTarget)),
                        Stream.concat(
                                Stream.of(false, true).map(ipv6 -> openElement(verb, forwardings, ipv6)),
                                Stream.of(RelaySet.values()).map(set -> relayElement(verb, set, forwardings))))
                .collect(Collectors.joining());
    }

    private String relayElement(String verb, RelaySet set, Collection<Forwarding> forwardings) {
        String elements = set.elements(forwardings);
        return elements.isEmpty() ? "" : "%s element inet %s %s { %s }\n".formatted(verb, table, set.title, elements);
    }

    private String openElement(String verb, Collection<Forwarding> forwardings, boolean ipv6) {
        String elements = open(forwardings, ipv6);
        return elements.isEmpty()
                ? ""
                : "%s element inet %s %s { %s }\n".formatted(verb, table, openSet(ipv6), elements);
    }

    private static String openSet(boolean ipv6) {
        return ipv6 ? "open6" : "open";
    }

    /** Ports at containers' own addresses. */
    private static String open(Collection<Forwarding> forwardings, boolean ipv6) {
        return forwardings.stream()
                .filter(one -> one.port().isOpenOnly()
                        && one.isTranslated()
                        && one.port().isIpv6() == ipv6)
                .flatMap(one -> one.port()
                        .each()
                        .map(port ->
                                checkedAddress(one.address()) + " . " + protocol(port) + " . " + port.containerPort()))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static String openDefinition(Collection<Forwarding> forwardings, boolean ipv6) {
        return "  set %s {\n    type %s . inet_proto . inet_service\n    %s\n  }\n"
                .formatted(openSet(ipv6), ipv6 ? "ipv6_addr" : "ipv4_addr", set(open(forwardings, ipv6)));
    }

    /** Who is reached by an address of its own answers a ping, as with dockerd. */
    private static String pingRules(Bridge bridge) {
        return bridge.routed().stream()
                .map(address -> "    oifname \"%s\" %s goto vouch\n"
                        .formatted(
                                checkedName(bridge.name()),
                                address.isIpv6()
                                        ? "meta nfproto ipv6 meta l4proto icmpv6"
                                        : "meta nfproto ipv4 meta l4proto icmp"))
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

    /** The maps of the table that lead published ports to their containers, four for each family. */
    private enum PortMap {
        PUBLISHED("published", false, true, false),
        PUBLISHED_ON("published_on", false, false, false),
        SPANS("spans", false, true, true),
        SPANS_ON("spans_on", false, false, true),
        PUBLISHED6("published6", true, true, false),
        PUBLISHED6_ON("published6_on", true, false, false),
        SPANS6("spans6", true, true, true),
        SPANS6_ON("spans6_on", true, false, true);

        private final String title;
        private final boolean ipv6;
        private final boolean onEveryAddress;
        private final boolean intervals;

        PortMap(String title, boolean ipv6, boolean onEveryAddress, boolean intervals) {
            this.title = title;
            this.ipv6 = ipv6;
            this.onEveryAddress = onEveryAddress;
            this.intervals = intervals;
        }

        boolean holds(Forwarding forwarding) {
            return forwarding.isTranslated()
                    && !forwarding.port().isOpenOnly()
                    && forwarding.port().isIpv6() == ipv6
                    && forwarding.onEveryAddress() == onEveryAddress
                    && forwarding.isSpan() == intervals;
        }

        String definition(Collection<Forwarding> forwardings) {
            String address = ipv6 ? "ipv6_addr" : "ipv4_addr";
            return "  map %s {\n    type %sinet_proto . inet_service : %s%s\n%s    %s\n  }\n"
                    .formatted(
                            title,
                            onEveryAddress ? "" : address + " . ",
                            address,
                            intervals ? "" : " . inet_service",
                            intervals ? "    flags interval\n" : "",
                            set(join(this, forwardings, true)));
        }

        /** The rule that follows the map. */
        String rule() {
            String family = ipv6 ? "ip6" : "ip";
            return "    dnat %s to %smeta l4proto . th dport map @%s\n"
                    .formatted(
                            intervals ? family : family + " addr . port",
                            onEveryAddress ? "" : family + " daddr . ",
                            title);
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

    /** The ports on which we answer ourselves: no rule about what is forwarded sees who comes there. */
    private enum RelaySet {
        RELAYED("relayed", false, true),
        RELAYED_ON("relayed_on", false, false),
        RELAYED6("relayed6", true, true),
        RELAYED6_ON("relayed6_on", true, false);

        private final String title;
        private final boolean ipv6;
        private final boolean onEveryAddress;

        RelaySet(String title, boolean ipv6, boolean onEveryAddress) {
            this.title = title;
            this.ipv6 = ipv6;
            this.onEveryAddress = onEveryAddress;
        }

        String elements(Collection<Forwarding> forwardings) {
            return forwardings.stream()
                    .filter(one -> !one.isTranslated()
                            && !one.port().isOpenOnly()
                            && one.port().isIpv6() == ipv6
                            && one.onEveryAddress() == onEveryAddress)
                    .flatMap(one -> one.port().each().map(port -> key(new Forwarding(port, one.address()))))
                    .distinct()
                    .collect(Collectors.joining(", "));
        }

        String definition(Collection<Forwarding> forwardings) {
            return "  set %s {\n    type %sinet_proto . inet_service\n    %s\n  }\n"
                    .formatted(
                            title,
                            onEveryAddress ? "" : (ipv6 ? "ipv6_addr" : "ipv4_addr") + " . ",
                            set(elements(forwardings)));
        }

        String rule() {
            return "    %smeta l4proto . th dport @%s drop\n"
                    .formatted(
                            onEveryAddress
                                    ? "meta nfproto " + (ipv6 ? "ipv6 " : "ipv4 ")
                                    : (ipv6 ? "ip6" : "ip") + " daddr . ",
                            title);
        }
    }

    private static String target(Forwarding forwarding) {
        return checkedAddress(forwarding.address()) + " . " + forwarding.port().containerPort();
    }

    private String definition(Collection<Bridge> bridges, Collection<Forwarding> forwardings) {
        List<PortMap> maps = List.of(PortMap.values());
        return """
                table inet %s {
                  set bridges {
                    type ifname
                    %s
                  }
                %s  chain early {
                    type filter hook prerouting priority raw; policy accept;
                    iifname @bridges ip daddr 127.0.0.0/8 drop
                  }
                  chain published {
                %s  }
                  chain prerouting {
                    type nat hook prerouting priority dstnat; policy accept;
                    ip daddr 127.0.0.0/8 return
                    fib daddr type local jump published
                  }
                  chain output {
                    type nat hook output priority -100; policy accept;
                    ip6 daddr ::1 return
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
                    ip daddr . meta l4proto . th dport @open goto vouch
                    ip6 daddr . meta l4proto . th dport @open6 goto vouch
                %s%s    drop
                  }
                  chain outbound {
                    oifname { "docker0", "docker_gwbridge" } return
                    oifname "br-*" return
                    goto vouch
                  }
                  chain forward {
                    type filter hook forward priority filter - 5; policy accept;
                %s    oifname @bridges goto inbound
                    iifname @bridges goto outbound
                  }
                  chain relays {
                %s  }
                  chain input {
                    type filter hook input priority filter; policy accept;
                %s  }
                  chain redirects {
                    type filter hook output priority filter; policy accept;
                    oifname @bridges icmp type redirect drop
                    oifname @bridges icmpv6 type nd-redirect drop
                  }
                }
                """
                .formatted(
                        table,
                        set(bridges.stream()
                                .map(bridge -> '"' + checkedName(bridge.name()) + '"')
                                .collect(Collectors.joining(", "))),
                        maps.stream().map(map -> map.definition(forwardings)).collect(Collectors.joining())
                                + openDefinition(forwardings, false)
                                + openDefinition(forwardings, true)
                                + Stream.of(RelaySet.values())
                                        .map(set -> set.definition(forwardings))
                                        .collect(Collectors.joining()),
                        // Those that name an address come first.
                        maps.stream()
                                .sorted(Comparator.comparing(map -> map.onEveryAddress))
                                .map(PortMap::rule)
                                .collect(Collectors.joining()),
                        bridges.stream().map(Ruleset::sourceRules).collect(Collectors.joining()),
                        Integer.toHexString(MARK),
                        bridges.stream().map(Ruleset::pingRules).collect(Collectors.joining()),
                        bridges.stream()
                                .filter(Bridge::icc)
                                .map(bridge ->
                                        "    iifname \"%1$s\" oifname \"%1$s\" goto vouch\n".formatted(bridge.name()))
                                .collect(Collectors.joining()),
                        bridges.stream()
                                .filter(Bridge::internal)
                                .map(Ruleset::closedRules)
                                .collect(Collectors.joining()),
                        Stream.of(RelaySet.values()).map(RelaySet::rule).collect(Collectors.joining()),
                        bridges.stream()
                                .filter(Bridge::internal)
                                .map(bridge -> "    iifname \"%s\" ct state new goto relays\n"
                                        .formatted(checkedName(bridge.name())))
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
        StringBuilder rules = new StringBuilder();
        for (Cidr address : bridge.addresses()) {
            String source = (address.isIpv6() ? "ip6" : "ip") + " saddr " + address.network();
            rules.append("    %s oifname \"%s\" ct status dnat masquerade\n".formatted(source, bridge.name()));
            if (bridge.masquerade() && !bridge.routed().contains(address)) {
                rules.append("    %s oifname != \"%s\" masquerade\n".formatted(source, bridge.name()));
            }
        }
        return rules.toString();
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
        return InetAddress.ofLiteral(address).getHostAddress();
    }
}
