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
import dev.gantry.agent.api.NetworkPlan.Kind;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.api.NetworkState;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks of the driver bridge with IPv4. */
class HostNetworkIT extends HostNetworkTest {
    private static final Bridge BRIDGE =
            new Bridge("e".repeat(64), "gantry0", List.of(Cidr.parse("172.29.0.1/16")), 1500, true, true, false, true);
    private static final Bridge CLOSED =
            new Bridge("f".repeat(64), "gantry1", List.of(Cidr.parse("172.28.0.1/16")), 1500, true, false, false, true);

    @BeforeEach
    void putNetworks() throws Exception {
        put(BRIDGE);
        put(CLOSED);
    }

    @Test
    void container_without_network_has_a_loopback_only() throws Exception {
        Path namespace = attach(A, new NetworkPlan(Kind.NONE, "", List.of())).orElseThrow();

        assertTrue(in(namespace, () -> sh("ip -o addr show")).contains("127.0.0.1/8"));
        assertEquals(1, in(namespace, () -> sh("ip -o link show up")).lines().count());
    }

    @Test
    void container_on_the_host_network_gets_no_namespace() throws Exception {
        assertEquals(Optional.empty(), attach(A, new NetworkPlan(Kind.HOST, "", List.of())));
        assertEquals(Optional.empty(), attach(B, new NetworkPlan(Kind.CONTAINER, A, List.of())));
    }

    @Test
    void container_can_join_the_namespace_of_another() throws Exception {
        Path namespace = attach(A, on(BRIDGE, "172.29.0.2")).orElseThrow();

        assertEquals(
                namespace,
                attach(B, new NetworkPlan(Kind.CONTAINER, A, List.of())).orElseThrow());
    }

    @Test
    void container_that_joined_another_is_known_and_can_be_joined() throws Exception {
        Path namespace = attach(A, on(BRIDGE, "172.29.0.2")).orElseThrow();
        attach(B, new NetworkPlan(Kind.CONTAINER, A, List.of()));
        String third = "c".repeat(64);

        assertEquals(
                namespace,
                attach(third, new NetworkPlan(Kind.CONTAINER, B, List.of())).orElseThrow());

        assertEquals(A, network.namespaceOwner(B));
        assertEquals(A, network.namespaceOwner(third));
        machine.in("host", () -> {
            network.detach(third);
            return null;
        });
        assertEquals(third, network.namespaceOwner(third));
    }

    @Test
    void joining_a_container_that_does_not_run_is_a_conflict() {
        AgentFailure failure = assertThrows(
                AgentFailure.class, () -> network.attach(B, new NetworkPlan(Kind.CONTAINER, A, List.of())));

        assertEquals(AgentFailure.Code.CONFLICT, failure.code());
        assertEquals("cannot join network of a non running container: " + A, failure.getMessage());
    }

    @Test
    void interface_has_the_address_and_mac_of_the_plan_and_a_default_route() throws Exception {
        Path namespace = attach(A, on(BRIDGE, "172.29.0.2")).orElseThrow();

        String eth0 = in(namespace, () -> sh("ip addr show eth0; ip route"));
        assertTrue(eth0.contains("inet 172.29.0.2/16 brd 172.29.255.255"), eth0);
        assertTrue(eth0.contains("link/ether 02:42:ac:1d:00:02"), eth0);
        assertTrue(eth0.contains("default via 172.29.0.1 dev eth0"), eth0);
        assertFalse(eth0.contains("inet6"), eth0);
    }

    @Test
    void address_that_is_given_again_with_another_mac_answers_at_once() throws Exception {
        Path other = attach(B, on(BRIDGE, "172.29.0.3")).orElseThrow();
        Path first = attach(A, on(BRIDGE, "172.29.0.2")).orElseThrow();
        try (ServerSocket server = TestMachine.serve(first, 80)) {
            assertEquals("172.29.0.3", ask(other, "172.29.0.2", 80));
        }
        machine.in("host", () -> {
            network.detach(A);
            return null;
        });
        Endpoint before = on(BRIDGE, "172.29.0.2").endpoints().getFirst();
        Endpoint otherMac = new Endpoint(
                "9".repeat(64),
                before.network(),
                "eth0",
                before.address(),
                before.gateway(),
                "02:42:00:00:00:99",
                true,
                null,
                List.of(),
                List.of(),
                Map.of(),
                List.of());

        Path second =
                attach(A, new NetworkPlan(Kind.NETWORKS, "", List.of(otherMac))).orElseThrow();

        try (ServerSocket server = TestMachine.serve(second, 80)) {
            assertEquals("172.29.0.3", ask(other, "172.29.0.2", 80));
        }
    }

    @Test
    void containers_reach_each_other_on_an_open_bridge() throws Exception {
        Path open = attach(A, on(BRIDGE, "172.29.0.2")).orElseThrow();
        Path other = attach(B, on(BRIDGE, "172.29.0.3")).orElseThrow();
        try (ServerSocket server = TestMachine.serve(open, 80)) {
            assertEquals("172.29.0.3", ask(other, "172.29.0.2", 80));
        }
    }

    @ParameterizedTest(name = "bridge-nf-call-iptables={0}")
    @ValueSource(ints = {0, 1})
    void containers_on_a_closed_bridge_reach_nothing_of_each_other_but_published_ports(int bridgedPacketsAreFiltered)
            throws Exception {
        filterBridgedPackets(bridgedPacketsAreFiltered);
        Path closed = attach(A, on(CLOSED, "172.28.0.2", new PublishedPort("tcp", "0.0.0.0", 8080, 80)))
                .orElseThrow();
        Path other = attach(B, on(CLOSED, "172.28.0.3")).orElseThrow();

        try (ServerSocket server = TestMachine.serve(closed, 80)) {
            assertTrue(ask(other, "172.28.0.2", 80).contains("Exception"), "its address");
            assertEquals("172.28.0.1", ask(other, "172.28.0.1", 8080), "the gateway");
            assertEquals("172.28.0.1", ask(other, TestMachine.OWN, 8080), "the host's address");
            assertEquals("172.28.0.1", ask(closed, TestMachine.OWN, 8080), "the container itself");
        }
    }

    @Test
    void containers_on_different_bridges_do_not_reach_each_other() throws Exception {
        Path one = attach(A, on(BRIDGE, "172.29.0.2")).orElseThrow();
        Path two = attach(B, on(CLOSED, "172.28.0.2")).orElseThrow();

        try (ServerSocket server = TestMachine.serve(one, 80)) {
            assertTrue(ask(two, "172.29.0.2", 80).contains("Exception"));
        }
    }

    @Test
    void internal_network_has_no_way_out_and_no_way_in() throws Exception {
        Bridge internal = new Bridge(
                "d".repeat(64), "gantry2", List.of(Cidr.parse("172.27.0.1/16")), 1500, true, true, true, false);
        machine.in("host", () -> network.put(TestMachine.state(internal, 1)));
        Path inside = attach(A, on(internal, "172.27.0.2")).orElseThrow();
        Path other = attach(B, on(BRIDGE, "172.29.0.2", new PublishedPort("tcp", "0.0.0.0", 8080, 80)))
                .orElseThrow();

        try (ServerSocket own = TestMachine.serve(inside, 80);
                ServerSocket theirs = TestMachine.serve(other, 80);
                ServerSocket outside = TestMachine.serve(machine.file("outside"), 80)) {
            assertEquals("172.27.0.1", machine.askFrom("host", "172.27.0.2", 80), "from the host");
            assertTrue(ask(inside, TestMachine.OUTSIDE, 80).contains("Exception"), "to the outside");
            assertTrue(ask(inside, "172.29.0.2", 80).contains("Exception"), "to another network");
            assertTrue(ask(inside, TestMachine.OWN, 8080).contains("Exception"), "to a port that another published");
            assertTrue(ask(other, "172.27.0.2", 80).contains("Exception"), "from another network");
            machine.run("outside", "ip route add 172.27.0.0/16 via " + TestMachine.OWN);
            assertTrue(machine.askFrom("outside", "172.27.0.2", 80).contains("Exception"), "from outside");
        }
        Path member = attach(B, on(internal, "172.27.0.3")).orElseThrow();
        try (ServerSocket own = TestMachine.serve(inside, 80)) {
            assertEquals("172.27.0.3", ask(member, "172.27.0.2", 80), "from a member");
        }
    }

    @Test
    void bridge_goes_some_time_after_its_last_endpoint_and_comes_with_the_next() throws Exception {
        Bridge passing = new Bridge(
                "d".repeat(64), "gantry2", List.of(Cidr.parse("172.27.0.1/16")), 1500, true, true, false, false);
        machine.in("host", () -> network.put(TestMachine.state(passing, 1)));
        attach(A, on(passing, "172.27.0.2"));
        assertTrue(links().contains("gantry2"), "it is used");

        machine.in("host", () -> {
            network.detach(A);
            return null;
        });

        until(() -> !links().contains("gantry2"), 60);
        assertFalse(links().contains("gantry2"), "nothing is on it");
        assertFalse(machine.run("host", "nft list table inet gantry").contains("gantry2"));
        assertTrue(links().contains("gantry0"), "this one stands");
        attach(A, on(passing, "172.27.0.2"));
        assertTrue(links().contains("gantry2"), "the next container needs it");
        assertTrue(machine.run("host", "nft list table inet gantry").contains("gantry2"));
    }

    private void filterBridgedPackets(int filtered) throws Exception {
        machine.run(
                "host", "test ! -e /proc/sys/net/bridge || sysctl -qw net.bridge.bridge-nf-call-iptables=" + filtered);
    }

    private String links() throws Exception {
        return machine.run("host", "ip -o link");
    }

    private static void until(Callable<Boolean> condition, int seconds) throws Exception {
        Instant limit = Instant.now().plusSeconds(seconds);
        while (!condition.call() && Instant.now().isBefore(limit)) {
            Thread.sleep(100);
        }
    }

    @Test
    void outbound_traffic_has_the_address_of_the_host() throws Exception {
        Path namespace = attach(A, on(BRIDGE, "172.29.0.2")).orElseThrow();

        try (ServerSocket server = TestMachine.serve(machine.file("outside"), 80)) {
            assertEquals(TestMachine.OWN, ask(namespace, TestMachine.OUTSIDE, 80));
        }
    }

    @ParameterizedTest(name = "bridge-nf-call-iptables={0}")
    @ValueSource(ints = {0, 1})
    void published_port_is_reached_from_everywhere(int bridgedPacketsAreFiltered) throws Exception {
        filterBridgedPackets(bridgedPacketsAreFiltered);
        Path namespace = attach(A, on(BRIDGE, "172.29.0.2", new PublishedPort("tcp", "0.0.0.0", 8080, 80)))
                .orElseThrow();
        Path other = attach(B, on(BRIDGE, "172.29.0.3")).orElseThrow();

        try (ServerSocket server = TestMachine.serve(namespace, 80)) {
            assertEquals("172.29.0.1", machine.askFrom("host", "127.0.0.1", 8080), "loopback");
            assertEquals(TestMachine.OWN, machine.askFrom("host", TestMachine.OWN, 8080), "the host's own address");
            assertEquals(TestMachine.OUTSIDE, machine.askFrom("outside", TestMachine.OWN, 8080), "from outside");
            assertEquals("172.29.0.1", ask(other, "172.29.0.1", 8080), "another container by the gateway");
            assertEquals("172.29.0.1", ask(other, TestMachine.OWN, 8080), "another container by the host's address");
            assertEquals("172.29.0.1", ask(namespace, TestMachine.OWN, 8080), "the container itself");
        }
    }

    @Test
    void published_port_is_reached_by_ipv6() throws Exception {
        Path namespace = attach(
                        A,
                        on(
                                BRIDGE,
                                "172.29.0.2",
                                new PublishedPort("tcp", "0.0.0.0", 8080, 80),
                                new PublishedPort("tcp", "::", 8080, 80)))
                .orElseThrow();

        try (ServerSocket server = TestMachine.serve(namespace, 80)) {
            assertEquals("172.29.0.1", machine.askFrom("host", "::1", 8080));
            assertEquals("172.29.0.1", machine.askFrom("host", "127.0.0.1", 8080));
        }
    }

    @Test
    void ports_that_are_not_published_are_closed_to_the_outside() throws Exception {
        Path namespace = attach(A, on(BRIDGE, "172.29.0.2")).orElseThrow();
        machine.run("outside", "ip route add 172.29.0.0/16 via " + TestMachine.OWN);

        try (ServerSocket server = TestMachine.serve(namespace, 80)) {
            assertTrue(machine.askFrom("outside", "172.29.0.2", 80).contains("Exception"));
            assertEquals("172.29.0.1", machine.askFrom("host", "172.29.0.2", 80), "the host itself may");
        }
    }

    @Test
    void port_published_on_loopback_is_reached_there_only() throws Exception {
        Path namespace = attach(A, on(BRIDGE, "172.29.0.2", new PublishedPort("tcp", "127.0.0.1", 8080, 80)))
                .orElseThrow();

        try (ServerSocket server = TestMachine.serve(namespace, 80)) {
            assertEquals("172.29.0.1", machine.askFrom("host", "127.0.0.1", 8080));
            assertTrue(machine.askFrom("outside", TestMachine.OWN, 8080).contains("refused"));
            assertTrue(machine.askFrom("host", TestMachine.OWN, 8080).contains("refused"));
        }
    }

    /** A neighbour sends to it all the same; the kernel would refuse, if the address were not translated before it looks. */
    @Test
    void port_published_on_loopback_is_closed_to_neighbours() throws Exception {
        Path namespace = attach(A, on(BRIDGE, "172.29.0.2", new PublishedPort("tcp", "127.0.0.1", 8080, 80)))
                .orElseThrow();
        machine.run(
                "outside",
                "sysctl -qw net.ipv4.conf.all.route_localnet=1; ip route del local 127.0.0.0/8 table local || true;"
                        + " ip addr del 127.0.0.1/8 dev lo || true; ip route add 127.0.0.0/8 via " + TestMachine.OWN);

        try (ServerSocket server = TestMachine.serve(namespace, 80)) {
            assertTrue(machine.askFrom("outside", "127.0.0.1", 8080).contains("Exception"));
            assertEquals("172.29.0.1", machine.askFrom("host", "127.0.0.1", 8080));
        }
    }

    @Test
    void containers_do_not_reach_the_loopback_of_the_host() throws Exception {
        Path namespace = attach(A, on(BRIDGE, "172.29.0.2")).orElseThrow();
        in(
                namespace,
                () -> sh("sysctl -qw net.ipv4.conf.all.route_localnet=1; ip route del local 127.0.0.0/8 table local;"
                        + " ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.0/8 via 172.29.0.1 || true"));

        try (ServerSocket server = TestMachine.serve(machine.file("host"), 9000)) {
            assertTrue(ask(namespace, "127.0.0.1", 9000).contains("Exception"));
        }
    }

    @Test
    void published_udp_port_leads_to_the_container() throws Exception {
        Path namespace = attach(A, on(BRIDGE, "172.29.0.2", new PublishedPort("udp", "0.0.0.0", 5353, 53)))
                .orElseThrow();

        try (java.net.DatagramSocket server = in(namespace, () -> new java.net.DatagramSocket(53))) {
            server.setSoTimeout(2000);
            machine.in("outside", () -> {
                try (java.net.DatagramSocket client = new java.net.DatagramSocket()) {
                    client.send(new java.net.DatagramPacket(
                            new byte[] {7}, 1, java.net.InetAddress.ofLiteral(TestMachine.OWN), 5353));
                }
                return null;
            });
            java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[10], 10);
            server.receive(packet);
            assertEquals(7, packet.getData()[0]);
        }
    }

    @Test
    void udp_client_that_keeps_its_socket_reaches_the_next_container() throws Exception {
        PublishedPort port = new PublishedPort("udp", "0.0.0.0", 5353, 53);
        try (DatagramSocket client = machine.in("outside", () -> new DatagramSocket())) {
            Path first = attach(A, on(BRIDGE, "172.29.0.2", port)).orElseThrow();
            assertEquals(1, received(first, client, 1));
            machine.in("host", () -> {
                network.detach(A);
                return null;
            });
            // While nobody has the port: the kernel remembers this, too.
            send(client, 2);

            Path second = attach(B, on(BRIDGE, "172.29.0.3", port)).orElseThrow();

            assertEquals(3, received(second, client, 3));
        }
    }

    /** What arrives in the container, after the datagram is sent to the published port. */
    private static int received(Path namespace, DatagramSocket client, int number) throws Exception {
        try (DatagramSocket server = in(namespace, () -> new DatagramSocket(53))) {
            server.setSoTimeout(2000);
            send(client, number);
            DatagramPacket packet = new DatagramPacket(new byte[10], 10);
            server.receive(packet);
            // Translated by the kernel, not relayed: the client's own address is seen.
            assertEquals(TestMachine.OUTSIDE, packet.getAddress().getHostAddress());
            return packet.getData()[0];
        }
    }

    private static void send(DatagramSocket client, int number) throws Exception {
        client.send(new DatagramPacket(new byte[] {(byte) number}, 1, InetAddress.ofLiteral(TestMachine.OWN), 5353));
    }

    @Test
    void taken_port_is_told_in_the_words_of_docker_and_leaves_nothing() throws Exception {
        try (ServerSocket holder = TestMachine.serve(machine.file("host"), 8080)) {
            AgentFailure failure = assertThrows(
                    AgentFailure.class,
                    () -> attach(A, on(BRIDGE, "172.29.0.2", new PublishedPort("tcp", "0.0.0.0", 8080, 80))));

            assertEquals(AgentFailure.Code.PORT_IN_USE, failure.code());
            assertEquals(
                    "Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use",
                    failure.getMessage());
        }
        assertFalse(Files.exists(directory.resolve("agent/netns").resolve(A)));
    }

    @Test
    void traffic_passes_although_the_policy_of_forward_is_drop() throws Exception {
        machine.run(
                "host",
                "iptables-nft -N DOCKER-USER; iptables-nft -A DOCKER-USER -j RETURN;"
                        + " iptables-nft -A FORWARD -j DOCKER-USER; iptables-nft -P FORWARD DROP");
        Path namespace = attach(A, on(BRIDGE, "172.29.0.2", new PublishedPort("tcp", "0.0.0.0", 8080, 80)))
                .orElseThrow();

        try (ServerSocket server = TestMachine.serve(namespace, 80);
                ServerSocket outside = TestMachine.serve(machine.file("outside"), 80)) {
            String answer = "";
            for (int i = 0; i < 10 && !answer.equals(TestMachine.OUTSIDE); i++) {
                answer = machine.askFrom("outside", TestMachine.OWN, 8080);
            }
            assertEquals(TestMachine.OUTSIDE, answer);
            assertEquals(TestMachine.OWN, ask(namespace, TestMachine.OUTSIDE, 80));
        }
        machine.in("host", () -> {
            network.detach(A);
            network.close();
            return null;
        });
        // Asked before the next start, which knows the networks still and lets their packets through again.
        String left = machine.run("host", "iptables-nft -S DOCKER-USER");
        network = machine.in("host", () -> machine.network());
        machine.in("host", () -> {
            network.reconcile(Map.of());
            return null;
        });
        assertFalse(left.contains("gantry"), left);
    }

    @Test
    void restart_of_the_agent_interrupts_nothing_and_removes_what_is_left_of_others() throws Exception {
        NetworkPlan plan = on(BRIDGE, "172.29.0.2", new PublishedPort("tcp", "0.0.0.0", 8080, 80));
        Path namespace = attach(A, plan).orElseThrow();
        attach(B, on(CLOSED, "172.28.0.2", new PublishedPort("tcp", "0.0.0.0", 8081, 80)));

        try (ServerSocket server = TestMachine.serve(namespace, 80)) {
            HostNetwork next = machine.in("host", () -> machine.network());
            machine.in("host", () -> {
                next.reconcile(Map.of(A, plan));
                return null;
            });

            assertEquals("172.29.0.1", machine.askFrom("host", "127.0.0.1", 8080));
            assertFalse(Files.exists(directory.resolve("agent/netns").resolve(B)));
            String links = machine.run("host", "sleep 0.2; ip -o link");
            assertTrue(links.contains("gantry1"), "known networks are there: " + links);
            assertEquals(
                    1, links.lines().filter(line -> line.contains(": veth")).count());
            assertFalse(machine.run("host", "nft list table inet gantry").contains("8081"));
            machine.in("host", () -> {
                next.detach(A);
                next.close();
                return null;
            });
        }
    }

    @Test
    void rules_that_someone_flushed_are_made_again() throws Exception {
        attach(A, on(BRIDGE, "172.29.0.2"));
        machine.run("host", "nft flush ruleset");

        Path other = attach(B, on(BRIDGE, "172.29.0.3", new PublishedPort("tcp", "0.0.0.0", 8080, 80)))
                .orElseThrow();

        try (ServerSocket server = TestMachine.serve(other, 80)) {
            assertEquals(TestMachine.OUTSIDE, machine.askFrom("outside", TestMachine.OWN, 8080));
        }
    }

    /** The other table being there says nothing of this one. */
    @Test
    void what_separates_members_of_a_closed_bridge_is_made_again() throws Exception {
        Path one = attach(A, on(CLOSED, "172.28.0.2")).orElseThrow();
        machine.run("host", "nft delete table bridge gantry");

        Path other = attach(B, on(CLOSED, "172.28.0.3")).orElseThrow();

        try (ServerSocket server = TestMachine.serve(one, 80)) {
            assertTrue(ask(other, "172.28.0.2", 80).contains("Exception"));
        }
    }

    @Test
    void deleted_bridge_is_made_again() throws Exception {
        attach(A, on(BRIDGE, "172.29.0.2"));
        machine.run("host", "ip link del gantry0");

        Path namespace = attach(B, on(BRIDGE, "172.29.0.3")).orElseThrow();

        try (ServerSocket server = TestMachine.serve(machine.file("outside"), 80)) {
            assertEquals(TestMachine.OWN, ask(namespace, TestMachine.OUTSIDE, 80));
        }
    }

    @Test
    void plan_with_a_network_that_was_not_put_is_refused_and_leaves_nothing() throws Exception {
        Bridge other = new Bridge(
                "d".repeat(64), "gantry2", List.of(Cidr.parse("172.27.0.1/16")), 1500, true, true, false, true);
        NetworkPlan plan = on(other, "172.27.0.2", new PublishedPort("tcp", "0.0.0.0", 8080, 80));
        Map<String, Integer> before = held();

        AgentFailure failure = assertThrows(AgentFailure.class, () -> attach(A, plan));

        assertEquals(AgentFailure.Code.UNKNOWN_NETWORK, failure.code());
        assertEquals(before, held());
        machine.in("host", () -> network.put(TestMachine.state(other, 1)));
        assertTrue(attach(A, plan).isPresent());
    }

    @Test
    void plan_that_needs_a_later_state_is_refused() throws Exception {
        Endpoint first = on(BRIDGE, "172.29.0.2").endpoints().getFirst();
        Endpoint later = new Endpoint(
                first.endpointId(),
                new NetworkPlan.Network(BRIDGE.networkId(), 2, "net"),
                "eth0",
                first.address(),
                first.gateway(),
                first.macAddress(),
                true,
                null,
                List.of(),
                List.of(),
                Map.of(),
                List.of());
        NetworkPlan plan = new NetworkPlan(Kind.NETWORKS, "", List.of(later));

        AgentFailure failure = assertThrows(AgentFailure.class, () -> network.require(plan));

        assertEquals(AgentFailure.Code.UNKNOWN_NETWORK, failure.code());
        machine.in("host", () -> network.put(TestMachine.state(BRIDGE, 2)));
        network.require(plan);
        network.require(on(BRIDGE, "172.29.0.2"));
    }

    @Test
    void late_state_is_dropped_and_the_same_one_is_put_again() throws Exception {
        Bridge small = new Bridge(BRIDGE.networkId(), "gantry0", BRIDGE.addresses(), 1400, true, true, false, true);

        assertEquals(3, machine.in("host", () -> network.put(TestMachine.state(BRIDGE, 3))));
        assertEquals(3, machine.in("host", () -> network.put(TestMachine.state(small, 2))));
        machine.run("host", "ip link del gantry0");
        assertEquals(3, machine.in("host", () -> {
            network.reconcile(Map.of());
            return network.put(TestMachine.state(BRIDGE, 3));
        }));

        assertTrue(machine.run("host", "ip -o link show gantry0").contains("mtu 1500"));
    }

    @Test
    void network_that_is_deleted_leaves_no_bridge_and_no_rule() throws Exception {
        machine.in("host", () -> {
            network.delete(CLOSED.networkId());
            network.delete(CLOSED.networkId());
            return null;
        });

        assertFalse(machine.run("host", "ip -o link").contains("gantry1"));
        assertFalse(machine.run("host", "nft list table inet gantry").contains("gantry1"));
        assertEquals(List.of(BRIDGE.networkId() + ".json"), names(directory.resolve("agent/networks")));
    }

    @Test
    void network_with_an_endpoint_stays() throws Exception {
        attach(A, on(BRIDGE, "172.29.0.2"));

        AgentFailure failure = assertThrows(
                AgentFailure.class,
                () -> machine.in("host", () -> {
                    network.delete(BRIDGE.networkId());
                    return null;
                }));

        assertEquals(AgentFailure.Code.CONFLICT, failure.code());
        assertTrue(machine.run("host", "ip -o link").contains("gantry0"));
    }

    @Test
    void network_that_cannot_be_made_leaves_nothing() throws Exception {
        machine.run("host", "ip link add gantry2 type bridge");
        Bridge other = new Bridge(
                "d".repeat(64), "gantry2", List.of(Cidr.parse("172.27.0.1/16")), 1500, true, true, false, true);
        String rules = machine.run("host", "nft list table inet gantry");

        AgentFailure failure = assertThrows(
                AgentFailure.class, () -> machine.in("host", () -> network.put(TestMachine.state(other, 1))));

        assertTrue(failure.getMessage().contains("there is an interface gantry2 that is not Gantry's"));
        assertEquals(rules, machine.run("host", "nft list table inet gantry"));
        assertFalse(names(directory.resolve("agent/networks")).contains(other.networkId() + ".json"));
        machine.run("host", "ip link del gantry2");
    }

    @Test
    void interface_that_is_no_bridge_stays_as_it_is() throws Exception {
        String before = machine.run("host", "ip -d addr show lo; cat /proc/sys/net/ipv6/conf/lo/disable_ipv6");
        Bridge other =
                new Bridge("d".repeat(64), "lo", List.of(Cidr.parse("172.27.0.1/16")), 1500, true, true, false, true);

        AgentFailure failure = assertThrows(
                AgentFailure.class, () -> machine.in("host", () -> network.put(TestMachine.state(other, 1))));

        assertTrue(failure.getMessage().contains("existing interface lo is not a bridge"), failure.getMessage());
        assertEquals(before, machine.run("host", "ip -d addr show lo; cat /proc/sys/net/ipv6/conf/lo/disable_ipv6"));
    }

    @Test
    void what_this_host_cannot_do_is_refused_in_words() {
        NetworkState state = TestMachine.state(BRIDGE, 9);
        refused(
                "stretch a network over to other hosts",
                new NetworkState(
                        state.id(),
                        9,
                        state.link(),
                        state.subnets(),
                        List.of(new NetworkState.Peer("h", "x")),
                        List.of()));
        refused(
                "containers of its own only",
                new NetworkState(
                        state.id(),
                        9,
                        state.link(),
                        state.subnets(),
                        List.of(),
                        List.of(new NetworkState.Name("a", List.of()))));
        refused(
                "one of each family",
                new NetworkState(
                        state.id(),
                        9,
                        state.link(),
                        List.of(
                                new NetworkState.Subnet("10.1.0.0/24", "10.1.0.1"),
                                new NetworkState.Subnet("10.2.0.0/24", "10.2.0.1")),
                        List.of(),
                        List.of()));
        refused(
                "not an interface name",
                new NetworkState(
                        state.id(),
                        9,
                        new NetworkState.Bridge("x\"; drop", 1500, true, true, false, true),
                        state.subnets(),
                        List.of(),
                        List.of()));
    }

    private void refused(String words, NetworkState state) {
        AgentFailure failure = assertThrows(AgentFailure.class, () -> network.put(state));
        assertTrue(failure.getMessage().contains(words), failure.getMessage());
    }

    @Test
    void networks_come_back_with_the_agent_and_after_a_boot() throws Exception {
        machine.run("host", "nft flush ruleset; ip link del gantry0");
        HostNetwork next = machine.in("host", () -> machine.network());

        machine.in("host", () -> {
            next.reconcile(Map.of());
            return null;
        });

        assertTrue(machine.run("host", "ip -o addr show gantry0").contains("172.29.0.1/16"));
        assertTrue(machine.run("host", "nft list table inet gantry").contains("gantry0"));
        machine.in("host", () -> {
            next.close();
            return null;
        });
    }

    @Test
    void interface_of_a_network_that_was_forgotten_is_taken_over() throws Exception {
        Bridge renewed = new Bridge(
                "d".repeat(64), "gantry0", List.of(Cidr.parse("172.26.0.1/16")), 1500, true, true, false, true);

        machine.in("host", () -> network.put(TestMachine.state(renewed, 1)));

        String addresses = machine.run("host", "ip -o -4 addr show gantry0");
        assertTrue(addresses.contains("172.26.0.1/16"), addresses);
        assertFalse(addresses.contains("172.29.0.1"), addresses);
    }

    @Test
    void running_container_comes_to_a_second_network_and_leaves_it() throws Exception {
        NetworkPlan plan = on(BRIDGE, "172.29.0.2");
        Path namespace = attach(A, plan).orElseThrow();
        Map<String, Integer> before = held();
        Endpoint second = endpoint(
                CLOSED, "eth1", Cidr.parse("172.28.0.2/16"), false, new PublishedPort("tcp", "0.0.0.0", 8081, 81));

        change(with(plan, second));

        String inside = in(namespace, () -> sh("ip addr; ip route"));
        assertTrue(inside.contains("inet 172.28.0.2/16"), inside);
        assertTrue(inside.contains("default via 172.29.0.1 dev eth0"), inside);
        try (ServerSocket server = TestMachine.serve(namespace, 81)) {
            assertEquals("172.28.0.1", machine.askFrom("host", "127.0.0.1", 8081));
        }
        change(plan);
        assertEquals(before, held());
        assertFalse(in(namespace, () -> sh("ip -o link")).contains("eth1"));
    }

    @Test
    void default_route_and_published_ports_move_with_the_plan() throws Exception {
        PublishedPort port = new PublishedPort("tcp", "0.0.0.0", 8080, 80);
        Cidr address = Cidr.parse("172.29.0.2/16");
        Cidr other = Cidr.parse("172.28.0.2/16");
        Endpoint without = endpoint(BRIDGE, "eth0", address, false);
        Endpoint second = endpoint(CLOSED, "eth1", other, true, port);
        NetworkPlan plan = new NetworkPlan(Kind.NETWORKS, "", List.of(endpoint(BRIDGE, "eth0", address, true, port)));
        Path namespace = attach(A, plan).orElseThrow();
        Map<String, Integer> before = held();

        try (ServerSocket server = TestMachine.serve(namespace, 80)) {
            change(new NetworkPlan(Kind.NETWORKS, "", List.of(without, second)));
            assertEquals(
                    "default via 172.28.0.1 dev eth1",
                    in(namespace, () -> sh("ip route show default")).strip());
            assertEquals("172.28.0.1", machine.askFrom("host", "127.0.0.1", 8080));

            change(new NetworkPlan(Kind.NETWORKS, "", List.of(second)));
            assertEquals("172.28.0.1", machine.askFrom("host", "127.0.0.1", 8080));

            change(new NetworkPlan(Kind.NONE, "", List.of()));
            assertEquals("", in(namespace, () -> sh("ip route")));
            assertTrue(machine.askFrom("host", "127.0.0.1", 8080).contains("refused"));

            change(plan);
            assertEquals(
                    "default via 172.29.0.1 dev eth0",
                    in(namespace, () -> sh("ip route show default")).strip());
            assertEquals("172.29.0.1", machine.askFrom("host", "127.0.0.1", 8080));
        }
        assertEquals(before, held());
    }

    @Test
    void change_that_fails_leaves_the_container_as_it_was() throws Exception {
        PublishedPort port = new PublishedPort("tcp", "0.0.0.0", 8080, 80);
        PublishedPort taken = new PublishedPort("tcp", "0.0.0.0", 8099, 81);
        NetworkPlan plan = on(BRIDGE, "172.29.0.2", port);
        Endpoint without = endpoint(BRIDGE, "eth0", Cidr.parse("172.29.0.2/16"), false);
        Path namespace = attach(A, plan).orElseThrow();
        in(namespace, () -> sh("ip link add eth1 type veth peer name own"));
        Endpoint sameName = endpoint(CLOSED, "eth1", Cidr.parse("172.28.0.2/16"), true, port);
        Endpoint takenPort = endpoint(CLOSED, "eth2", Cidr.parse("172.28.0.3/16"), true, port, taken);
        Endpoint second = endpoint(CLOSED, "eth2", Cidr.parse("172.28.0.3/16"), true, port);

        try (ServerSocket server = TestMachine.serve(namespace, 80);
                ServerSocket other = machine.in("host", () -> new ServerSocket(8099))) {
            Map<String, Integer> before = held();
            AgentFailure failure = assertThrows(
                    AgentFailure.class, () -> change(new NetworkPlan(Kind.NETWORKS, "", List.of(without, sameName))));
            AgentFailure refusal = assertThrows(
                    AgentFailure.class, () -> change(new NetworkPlan(Kind.NETWORKS, "", List.of(without, takenPort))));
            AgentFailure notKept = assertThrows(
                    AgentFailure.class,
                    () -> machine.in("host", () -> {
                        network.change(A, new NetworkPlan(Kind.NETWORKS, "", List.of(without, second)), () -> {
                            throw new AgentFailure(AgentFailure.Code.NO_SPACE, "no space");
                        });
                        return null;
                    }));

            assertEquals(AgentFailure.Code.INTERNAL, failure.code());
            assertEquals(AgentFailure.Code.PORT_IN_USE, refusal.code());
            assertEquals(AgentFailure.Code.NO_SPACE, notKept.code());
            assertEquals(before, held());
            assertEquals("172.29.0.1", machine.askFrom("host", "127.0.0.1", 8080));
            assertEquals(
                    "default via 172.29.0.1 dev eth0",
                    in(namespace, () -> sh("ip route show default")).strip());
        }
        machine.in("host", () -> {
            network.delete(CLOSED.networkId());
            return null;
        });
    }

    private static NetworkPlan with(NetworkPlan plan, Endpoint endpoint) {
        List<Endpoint> all = new ArrayList<>(plan.endpoints());
        all.add(endpoint);
        return new NetworkPlan(Kind.NETWORKS, "", all);
    }

    @Test
    void endpoint_that_no_plan_names_goes_when_the_agent_starts_again() throws Exception {
        NetworkPlan plan = on(BRIDGE, "172.29.0.2");
        Path namespace = attach(A, plan).orElseThrow();
        Map<String, Integer> before = held();
        change(with(plan, endpoint(CLOSED, "eth1", Cidr.parse("172.28.0.2/16"), false)));
        HostNetwork next = machine.in("host", () -> machine.network());

        machine.in("host", () -> {
            next.reconcile(Map.of(A, plan));
            next.close();
            return null;
        });

        assertEquals(before, held());
        assertTrue(in(namespace, () -> sh("ip -o link")).contains("eth0"));
    }

    @Test
    void run_of_ports_leads_to_the_same_ports_of_the_container_or_to_others() throws Exception {
        Path namespace = attach(
                        A,
                        on(
                                BRIDGE,
                                "172.29.0.2",
                                new PublishedPort("tcp", "0.0.0.0", 7000, 7000, 1000),
                                new PublishedPort("tcp", "::", 7000, 7000, 1000),
                                new PublishedPort("tcp", "127.0.0.1", 9000, 7998, 2)))
                .orElseThrow();

        try (ServerSocket server = TestMachine.serve(namespace, 7999)) {
            assertEquals(TestMachine.OUTSIDE, machine.askFrom("outside", TestMachine.OWN, 7999), "translated");
            assertEquals("172.29.0.1", machine.askFrom("host", "::1", 7999), "relayed");
            assertEquals("172.29.0.1", machine.askFrom("host", "127.0.0.1", 9001));
            assertTrue(machine.askFrom("outside", TestMachine.OWN, 8000).contains("refused"));
        }
        machine.in("host", () -> {
            network.detach(A);
            return null;
        });
        assertFalse(machine.run("host", "nft list map inet gantry spans").contains("elements"));
        assertTrue(machine.askFrom("host", "::1", 7999).contains("refused"));
    }

    /** What containers have on the host. */
    private Map<String, Integer> held() throws Exception {
        return Map.of(
                "links", count("ip -o link | grep -c 'veth[0-9a-f]' || true"),
                "rules", count("nft -n list table inet gantry | wc -l"),
                "sockets", count("ss -Hltn | wc -l"),
                "namespaces", names(directory.resolve("agent/netns")).size());
    }

    private int count(String command) throws Exception {
        return Integer.parseInt(machine.run("host", command).strip());
    }

    @Test
    void addresses_in_use_are_those_of_others() throws Exception {
        attach(A, on(BRIDGE, "172.29.0.2"));

        List<String> inUse = network.addressesInUse();

        assertTrue(inUse.contains("198.51.100.1/24"), inUse.toString());
        assertTrue(inUse.contains("127.0.0.1/8"), inUse.toString());
        assertTrue(inUse.stream().noneMatch(cidr -> cidr.startsWith("172.29.")), inUse.toString());
        assertEquals(
                Set.of("127.0.0.1", "198.51.100.1", "172.29.0.1", "172.28.0.1"),
                Set.copyOf(network.interfaceAddresses()));
    }

    private static NetworkPlan on(Bridge bridge, String address, PublishedPort... ports) {
        Cidr cidr = Cidr.parse(address + "/16");
        return new NetworkPlan(Kind.NETWORKS, "", List.of(endpoint(bridge, "eth0", cidr, true, ports)));
    }

    private static Endpoint endpoint(
            Bridge bridge, String interfaceName, Cidr address, boolean defaultRoute, PublishedPort... ports) {
        return new Endpoint(
                HexFormat.of().formatHex(address.bytes()).repeat(8),
                new NetworkPlan.Network(bridge.networkId(), 1, "net"),
                interfaceName,
                address.toString(),
                bridge.addresses().getFirst().address().getHostAddress(),
                "02:42:" + HexFormat.ofDelimiter(":").formatHex(address.bytes()),
                defaultRoute,
                null,
                List.of(),
                List.of(),
                Map.of(),
                List.of(ports));
    }
}
