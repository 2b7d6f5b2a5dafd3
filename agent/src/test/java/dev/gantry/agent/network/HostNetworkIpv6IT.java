package dev.gantry.agent.network;

import static dev.gantry.agent.network.TestMachine.ask;
import static dev.gantry.agent.network.TestMachine.in;
import static dev.gantry.agent.network.TestMachine.sh;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.api.NetworkPlan.Ipv6;
import dev.gantry.agent.api.NetworkPlan.Kind;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.api.NetworkState;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Networks with IPv6, with and without IPv4. */
class HostNetworkIpv6IT extends HostNetworkTest {
    private static final String OUTSIDE = "2001:db8::9";
    private static final String OWN = "2001:db8::1";

    private static final Bridge BOTH = bridge("gantry0", true, "172.29.0.1/16", "fd00:29::1/64");
    private static final Bridge OTHER = bridge("gantry1", true, "172.28.0.1/16", "fd00:28::1/64");
    private static final Bridge ONLY = bridge("gantry2", true, "fd00:27::1/64");
    private static final Bridge PLAIN = bridge("gantry3", true, "172.26.0.1/16");

    @BeforeEach
    void putNetworks() throws Exception {
        machine.run("host", "ip addr add " + OWN + "/64 dev uplink nodad");
        machine.run("outside", "ip addr add " + OUTSIDE + "/64 dev uplink nodad");
        for (Bridge bridge : List.of(BOTH, OTHER, ONLY, PLAIN)) {
            put(bridge);
        }
    }

    @Test
    void interface_and_bridge_have_addresses_and_routes_of_both_families() throws Exception {
        Path namespace = attach(A, endpoint(BOTH, "eth0", 2));

        String inside = in(namespace, () -> sh("ip addr show eth0; ip route; ip -6 route"));
        assertTrue(inside.contains("inet 172.29.0.2/16"), inside);
        assertTrue(inside.contains("inet6 fd00:29::2/64 scope global nodad"), inside);
        assertTrue(inside.contains("default via 172.29.0.1 dev eth0"), inside);
        assertTrue(inside.contains("default via fd00:29::1 dev eth0"), inside);
        String bridge = machine.run("host", "ip -6 addr show gantry0");
        assertTrue(bridge.contains("fd00:29::1/64"), bridge);
        assertTrue(bridge.contains("fe80::1/64"), bridge);
        assertEquals("0\n", machine.run("host", "cat /proc/sys/net/ipv6/conf/gantry0/accept_ra"));
        assertEquals("1\n", machine.run("host", "cat /proc/sys/net/ipv6/conf/all/forwarding"));
    }

    @Test
    void network_with_an_mtu_that_is_too_small_for_ipv6_is_refused_in_words() throws Exception {
        Bridge narrow = new Bridge(
                "d".repeat(64), "gantry9", List.of(Cidr.parse("fd00:99::1/64")), 1279, true, true, false, true);

        AgentFailure failure = assertThrows(AgentFailure.class, () -> put(narrow));

        assertTrue(
                failure.getMessage().contains("the MTU 1279 is too small for IPv6, which needs 1280 bytes at least"),
                failure.getMessage());
    }

    @Test
    void interface_on_a_network_without_it_has_no_ipv6() throws Exception {
        Path namespace = attach(A, endpoint(PLAIN, "eth0", 2));

        assertFalse(in(namespace, () -> sh("ip addr show eth0")).contains("inet6"));
        assertEquals("0\n", in(namespace, () -> sh("cat /proc/sys/net/ipv6/conf/default/disable_ipv6")));
        assertFalse(machine.run("host", "ip -6 addr show gantry3").contains("inet6"));
    }

    @Test
    void container_reaches_neighbours_the_host_and_the_outside_and_no_other_network() throws Exception {
        Path one = attach(A, endpoint(BOTH, "eth0", 2));
        Path neighbour = attach(B, endpoint(BOTH, "eth0", 3));
        try (ServerSocket own = TestMachine.serve(one, 80);
                ServerSocket outside = TestMachine.serve(machine.file("outside"), 80)) {
            assertEquals(address("fd00:29::3"), ask(neighbour, "fd00:29::2", 80));
            assertEquals(address("fd00:29::1"), machine.askFrom("host", "fd00:29::2", 80), "from the host");
            assertEquals(address(OWN), ask(one, OUTSIDE, 80), "outbound, with the host's address");
            Path stranger = attach(B, endpoint(OTHER, "eth0", 2));
            assertTrue(ask(stranger, "fd00:29::2", 80).contains("Exception"), "from another network");
            machine.run("outside", "ip -6 route add fd00:29::/64 via " + OWN);
            assertTrue(machine.askFrom("outside", "fd00:29::2", 80).contains("Exception"), "from outside");
        }
    }

    @Test
    void published_port_is_translated_for_both_families_and_relayed_from_loopback() throws Exception {
        Path one = attach(A, endpoint(BOTH, "eth0", 2, port("0.0.0.0", 8080), port("::", 8080)));
        Path stranger = attach(B, endpoint(OTHER, "eth0", 2));
        try (ServerSocket own = TestMachine.serve(one, 80)) {
            assertEquals(address(OUTSIDE), machine.askFrom("outside", OWN, 8080), "no relay between");
            assertEquals(
                    TestMachine.OUTSIDE, machine.askFrom("outside", TestMachine.OWN, 8080), "IPv4, no relay between");
            assertEquals(address("fd00:29::1"), machine.askFrom("host", "::1", 8080));
            assertEquals(address(OWN), machine.askFrom("host", OWN, 8080));
            assertFalse(ask(stranger, OWN, 8080).contains("Exception"), "from another network");
            assertEquals(address("fd00:29::1"), ask(one, OWN, 8080), "from itself");
        }
        machine.in("host", () -> {
            network.detach(A);
            return null;
        });
        assertTrue(machine.askFrom("outside", OWN, 8080).contains("Exception"));
    }

    @Test
    void udp_client_that_keeps_its_socket_reaches_the_next_container() throws Exception {
        PublishedPort port = new PublishedPort("udp", "::", 5353, 53);
        try (DatagramSocket client = machine.in("outside", () -> new DatagramSocket())) {
            Path first = attach(A, endpoint(BOTH, "eth0", 2, port));
            assertEquals(1, received(first, client, 1));
            machine.in("host", () -> {
                network.detach(A);
                return null;
            });

            Path second = attach(B, endpoint(BOTH, "eth0", 3, port));

            assertEquals(2, received(second, client, 2));
        }
    }

    /** What arrives in the container, after the datagram is sent to the published port. */
    private static int received(Path namespace, DatagramSocket client, int number) throws Exception {
        try (DatagramSocket server = in(namespace, () -> new DatagramSocket(53))) {
            server.setSoTimeout(2000);
            client.send(new DatagramPacket(new byte[] {(byte) number}, 1, InetAddress.ofLiteral(OWN), 5353));
            DatagramPacket packet = new DatagramPacket(new byte[10], 10);
            server.receive(packet);
            assertEquals(InetAddress.ofLiteral(OUTSIDE), packet.getAddress(), "not relayed");
            return packet.getData()[0];
        }
    }

    @Test
    void port_on_one_ipv6_address_is_on_no_other() throws Exception {
        Path one = attach(A, endpoint(BOTH, "eth0", 2, port(OWN, 8080), run(OWN, 9000, 3)));
        try (ServerSocket own = TestMachine.serve(one, 80);
                ServerSocket third = TestMachine.serve(one, 9002)) {
            assertEquals(address(OUTSIDE), machine.askFrom("outside", OWN, 8080));
            assertEquals(address(OUTSIDE), machine.askFrom("outside", OWN, 9002));
            assertTrue(machine.askFrom("host", "::1", 8080).contains("Exception"));
            assertTrue(machine.askFrom("outside", TestMachine.OWN, 8080).contains("Exception"));
        }
    }

    @Test
    void port_on_ipv6_leads_to_a_container_without_it_by_a_relay() throws Exception {
        Path one = attach(A, endpoint(PLAIN, "eth0", 2, port("0.0.0.0", 8080), port("::", 8080)));
        try (ServerSocket own = TestMachine.serve(one, 80)) {
            assertEquals("172.26.0.1", machine.askFrom("outside", OWN, 8080));
            assertEquals("172.26.0.1", machine.askFrom("host", "::1", 8080));
        }
    }

    @Test
    void network_without_ipv4_works_alike() throws Exception {
        Path one = attach(A, endpoint(ONLY, "eth0", 2, port("::", 8080)));

        String inside = in(one, () -> sh("ip addr show eth0; ip route; ip -6 route"));
        assertFalse(inside.contains("inet "), inside);
        assertTrue(inside.contains("default via fd00:27::1 dev eth0"), inside);
        try (ServerSocket own = TestMachine.serve(one, 80);
                ServerSocket outside = TestMachine.serve(machine.file("outside"), 80)) {
            assertEquals(address(OUTSIDE), machine.askFrom("outside", OWN, 8080));
            assertEquals(address(OWN), ask(one, OUTSIDE, 80));
        }
    }

    @Test
    void internal_network_has_no_way_out() throws Exception {
        Bridge internal = new Bridge(
                "9".repeat(64), "gantry4", addresses("172.25.0.1/16", "fd00:25::1/64"), 1500, true, true, true, false);
        machine.in("host", () -> network.put(TestMachine.state(internal, 1)));
        Path one = attach(A, endpoint(internal, "eth0", 2));
        try (ServerSocket own = TestMachine.serve(one, 80);
                ServerSocket outside = TestMachine.serve(machine.file("outside"), 80)) {
            assertTrue(ask(one, OUTSIDE, 80).contains("Exception"));
            machine.run("outside", "ip -6 route add fd00:25::/64 via " + OWN);
            assertTrue(machine.askFrom("outside", "fd00:25::2", 80).contains("Exception"));
            assertFalse(machine.askFrom("host", "fd00:25::2", 80).contains("Exception"));
        }
    }

    @Test
    void ports_that_are_relayed_are_no_way_out_of_an_internal_network() throws Exception {
        Bridge internal = new Bridge(
                "9".repeat(64), "gantry4", addresses("172.25.0.1/16", "fd00:25::1/64"), 1500, true, true, true, false);
        machine.in("host", () -> network.put(TestMachine.state(internal, 1)));
        Path inside = attach(A, endpoint(internal, "eth0", 2));
        Path published =
                attach(B, endpoint(PLAIN, "eth0", 2, port("::", 8080), run("fd00:25::1", 9000, 3), port("::", 7070)));
        try (ServerSocket own = TestMachine.serve(published, 80);
                ServerSocket third = TestMachine.serve(published, 9002);
                ServerSocket ofHost = TestMachine.serve(machine.file("host"), 6060)) {
            assertEquals("172.26.0.1", machine.askFrom("host", "fd00:25::1", 9002));
            assertEquals("172.26.0.1", machine.askFrom("outside", OWN, 8080));
            assertTrue(ask(inside, "fd00:25::1", 8080).contains("Exception"));
            assertTrue(ask(inside, "fd00:25::1", 9002).contains("Exception"));
            assertFalse(ask(inside, "fd00:25::1", 6060).contains("Exception"), "the host itself");
        }
        machine.in("host", () -> {
            network.detach(B);
            return null;
        });
        try (ServerSocket ofHost = TestMachine.serve(machine.file("host"), 8080)) {
            assertFalse(ask(inside, "fd00:25::1", 8080).contains("Exception"), "the port is the host's again");
        }
    }

    @Test
    void containers_of_a_routed_network_are_reached_by_their_own_addresses_at_published_ports() throws Exception {
        List<Cidr> own = addresses("172.25.0.1/16", "fd00:25::1/64");
        Bridge routed = new Bridge("9".repeat(64), "gantry4", own, own, 1500, true, true, false, false);
        machine.in("host", () -> network.put(TestMachine.state(routed, 1)));
        machine.run("outside", "ip -6 route add fd00:25::/64 via " + OWN);
        machine.run("outside", "ip route add 172.25.0.0/16 via " + TestMachine.OWN);
        Path one = attach(
                A,
                endpoint(
                        routed,
                        "eth0",
                        2,
                        new PublishedPort("tcp", "0.0.0.0", 0, 80),
                        new PublishedPort("tcp", "::", 0, 80)));
        Path stranger = attach(B, endpoint(OTHER, "eth0", 2));
        try (ServerSocket published = TestMachine.serve(one, 80);
                ServerSocket closed = TestMachine.serve(one, 81);
                ServerSocket outside = TestMachine.serve(machine.file("outside"), 80)) {
            assertEquals(TestMachine.OUTSIDE, machine.askFrom("outside", "172.25.0.2", 80));
            assertEquals(address(OUTSIDE), machine.askFrom("outside", "fd00:25::2", 80));
            assertTrue(machine.askFrom("outside", "172.25.0.2", 81).contains("Exception"));
            assertTrue(machine.askFrom("outside", "fd00:25::2", 81).contains("Exception"));
            assertEquals("172.25.0.2", ask(one, TestMachine.OUTSIDE, 80), "outbound, with its own address");
            assertEquals(address("fd00:25::2"), ask(one, OUTSIDE, 80));
            assertFalse(ask(stranger, "172.25.0.2", 80).contains("Exception"), "from another network");
            for (String address : List.of("172.25.0.2", "fd00:25::2")) {
                assertTrue(
                        machine.in(
                                "outside", () -> InetAddress.ofLiteral(address).isReachable(2000)),
                        "ping of " + address);
            }
        }
        machine.in("host", () -> {
            network.detach(A);
            return null;
        });
        assertFalse(machine.run("host", "nft list table inet gantry").contains("172.25.0.2"));
    }

    @Test
    void host_has_no_address_on_an_isolated_network() throws Exception {
        NetworkState state = new NetworkState(
                "9".repeat(64),
                1,
                new NetworkState.Bridge("gantry4", 1500, true, true, true, false),
                List.of(
                        new NetworkState.Subnet("172.25.0.0/16", "172.25.0.1", NetworkState.Mode.ISOLATED),
                        new NetworkState.Subnet("fd00:25::/64", "fd00:25::1", NetworkState.Mode.ISOLATED)),
                List.of(),
                List.of());
        machine.in("host", () -> network.put(state));
        Bridge isolated = bridge("gantry9", false, "172.25.0.1/16", "fd00:25::1/64");
        Path one = attach(A, endpoint(isolated, "eth0", 2));
        Path other = attach(B, endpoint(isolated, "eth0", 3));
        try (ServerSocket own = TestMachine.serve(one, 80)) {
            assertEquals("172.25.0.3", ask(other, "172.25.0.2", 80));
            assertEquals(address("fd00:25::3"), ask(other, "fd00:25::2", 80));
            assertTrue(machine.askFrom("host", "172.25.0.2", 80).contains("Exception"));
        }
        assertFalse(machine.run("host", "ip addr show gantry4").contains("inet"), "no address");
    }

    @Test
    void running_container_gets_ipv6_with_a_network_and_loses_it() throws Exception {
        Endpoint first = endpoint(PLAIN, "eth0", 2);
        Endpoint second = endpoint(BOTH, "eth1", 2);
        Endpoint withoutIpv4Route = new Endpoint(
                second.endpointId(),
                second.network(),
                "eth1",
                second.address(),
                second.gateway(),
                second.macAddress(),
                false,
                second.ipv6(),
                List.of("169.254.8.8/16", "fe80::8/64"),
                List.of(),
                Map.of(),
                List.of());
        NetworkPlan before = plan(first);
        Path namespace = attach(A, first);

        change(plan(first, withoutIpv4Route));

        String inside = in(namespace, () -> sh("ip addr show eth1; ip route; ip -6 route"));
        assertTrue(inside.contains("inet6 fd00:29::2/64"), inside);
        assertTrue(inside.contains("inet6 fe80::8/64"), inside);
        assertTrue(inside.contains("inet 169.254.8.8/16"), inside);
        assertTrue(inside.contains("default via 172.26.0.1 dev eth0"), inside);
        assertTrue(inside.contains("default via fd00:29::1 dev eth1"), inside);

        change(before);

        assertFalse(in(namespace, () -> sh("ip -6 addr show; ip -6 route")).contains("fd00:29"));
    }

    @Test
    void after_a_new_start_of_the_agent_all_is_as_before() throws Exception {
        Endpoint endpoint = endpoint(BOTH, "eth0", 2, port("0.0.0.0", 8080), port("::", 8080));
        Path one = attach(A, endpoint);
        String rules = machine.run("host", "nft list table inet gantry");
        HostNetwork next = machine.in("host", () -> {
            HostNetwork made = machine.network();
            made.reconcile(Map.of(A, plan(endpoint)));
            return made;
        });
        try (ServerSocket own = TestMachine.serve(one, 80)) {
            assertEquals(
                    rules.length(),
                    machine.run("host", "nft list table inet gantry").length());
            assertEquals(address(OUTSIDE), machine.askFrom("outside", OWN, 8080));
        } finally {
            machine.in("host", () -> {
                next.detach(A);
                next.close();
                return null;
            });
        }
    }

    private static Bridge bridge(String name, boolean standing, String... addresses) {
        return new Bridge(name.substring(6).repeat(64), name, addresses(addresses), 1500, true, true, false, standing);
    }

    private static List<Cidr> addresses(String... addresses) {
        return List.of(addresses).stream().map(Cidr::parse).toList();
    }

    private Path attach(String id, Endpoint endpoint) throws Exception {
        return attach(id, plan(endpoint)).orElseThrow();
    }

    private static NetworkPlan plan(Endpoint... endpoints) {
        return new NetworkPlan(Kind.NETWORKS, "", List.of(endpoints));
    }

    /** The host with that number on the bridge. */
    private static Endpoint endpoint(Bridge bridge, String interfaceName, int number, PublishedPort... ports) {
        String ipv4Gateway = gateway(bridge, false);
        String ipv6Gateway = gateway(bridge, true);
        return new Endpoint(
                (bridge.name().substring(6) + number).repeat(32),
                new NetworkPlan.Network(bridge.networkId(), 1, "net"),
                interfaceName,
                ipv4Gateway.replaceFirst("1$", number + "/16"),
                ipv4Gateway,
                "02:42:00:00:00:0" + number,
                !ipv4Gateway.isEmpty(),
                ipv6Gateway.isEmpty()
                        ? null
                        : new Ipv6(ipv6Gateway.replaceFirst("1$", number + "/64"), ipv6Gateway, true),
                List.of(),
                List.of(),
                Map.of(),
                List.of(ports));
    }

    private static String gateway(Bridge bridge, boolean ipv6) {
        return bridge.addresses().stream()
                .filter(address -> address.isIpv6() == ipv6)
                .map(address -> address.address().getHostAddress())
                .findFirst()
                .orElse("");
    }

    private static PublishedPort port(String hostIp, int hostPort) {
        return new PublishedPort("tcp", hostIp, hostPort, 80);
    }

    private static PublishedPort run(String hostIp, int first, int count) {
        return new PublishedPort("tcp", hostIp, first, first, count);
    }

    /** As Java writes it. */
    private static String address(String text) {
        return InetAddress.ofLiteral(text).getHostAddress();
    }
}
