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
import dev.gantry.agent.api.NetworkState;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Networks of macvlan and ipvlan on an interface of a kernel namespace that stands for the host. */
class HostNetworkParentIT extends HostNetworkTest {
    private static final String NETWORK = "1".repeat(64);
    private static final String BRIDGED = "2".repeat(64);

    @BeforeEach
    void putNetwork() throws Exception {
        put(bridge());
    }

    @Test
    void containers_are_on_the_parents_network_beside_the_host() throws Exception {
        put(parent("uplink", "macvlan", "bridge"));
        Path one = attach(A, plan(endpoint(NETWORK, "eth0", 50))).orElseThrow();
        Path other = attach(B, plan(endpoint(NETWORK, "eth0", 51))).orElseThrow();

        String inside = in(one, () -> sh("ip -d addr show eth0; ip route; ip -6 route"));
        assertTrue(inside.contains("macvlan mode bridge"), inside);
        assertTrue(inside.contains("link/ether 02:42:00:00:00:50"), inside);
        assertTrue(inside.contains("inet 198.51.100.50/24"), inside);
        assertTrue(inside.contains("inet6 2001:db8::50/64"), inside);
        assertTrue(inside.contains("default via 198.51.100.9 dev eth0"), inside);
        assertTrue(inside.contains("default via 2001:db8::9 dev eth0"), inside);
        machine.run("outside", "ip addr add 2001:db8::9/64 dev uplink nodad");
        try (ServerSocket own = TestMachine.serve(one, 80);
                ServerSocket host = TestMachine.serve(machine.file("host"), 80);
                ServerSocket outside = TestMachine.serve(machine.file("outside"), 80)) {
            assertEquals("198.51.100.50", ask(one, TestMachine.OUTSIDE, 80), "outbound, with its own address");
            assertEquals("2001:db8:0:0:0:0:0:50", ask(one, "2001:db8::9", 80));
            assertEquals(TestMachine.OUTSIDE, machine.askFrom("outside", "198.51.100.50", 80), "from outside");
            assertEquals("198.51.100.51", ask(other, "198.51.100.50", 80), "from a neighbour");
            assertTrue(ask(one, TestMachine.OWN, 80).contains("Exception"), "the kernel keeps it from its host");
        }
        machine.in("host", () -> {
            network.detach(A);
            return null;
        });
        assertTrue(machine.askFrom("outside", "198.51.100.50", 80).contains("Exception"));
        assertTrue(machine.run("host", "ip link show uplink").contains("UP"), "the host's own interface stays");
    }

    @Test
    void neighbours_in_private_mode_do_not_reach_each_other() throws Exception {
        put(parent("uplink", "macvlan", "private"));
        Path one = attach(A, plan(endpoint(NETWORK, "eth0", 50))).orElseThrow();
        Path other = attach(B, plan(endpoint(NETWORK, "eth0", 51))).orElseThrow();

        try (ServerSocket own = TestMachine.serve(one, 80)) {
            assertTrue(ask(other, "198.51.100.50", 80).contains("Exception"));
        }
    }

    @Test
    void running_container_comes_and_leaves_again() throws Exception {
        put(parent("uplink", "macvlan", "bridge"));
        NetworkPlan before = plan(bridged());
        Path namespace = attach(A, before).orElseThrow();

        change(plan(bridged(), endpoint(NETWORK, "eth1", 50)));

        assertTrue(in(namespace, () -> sh("ip -o link")).contains("eth1"));
        try (ServerSocket outside = TestMachine.serve(machine.file("outside"), 80)) {
            assertEquals("198.51.100.50", ask(namespace, TestMachine.OUTSIDE, 80));
        }

        change(before);

        assertFalse(in(namespace, () -> sh("ip -o link")).contains("eth1"));
    }

    @Test
    void half_a_change_is_taken_back_at_the_next_start_and_what_is_whole_goes_on() throws Exception {
        put(parent("uplink", "macvlan", "bridge"));
        NetworkPlan whole = plan(endpoint(NETWORK, "eth0", 50));
        Path namespace = attach(A, whole).orElseThrow();
        change(plan(endpoint(NETWORK, "eth0", 50), bridged("eth1"), endpoint(NETWORK, "eth2", 52)));
        HostNetwork next = machine.in("host", () -> {
            HostNetwork made = machine.network();
            made.reconcile(Map.of(A, plan(endpoint(NETWORK, "eth0", 50), bridged("eth1"))));
            return made;
        });
        try (ServerSocket outside = TestMachine.serve(machine.file("outside"), 80)) {
            String links = in(namespace, () -> sh("ip -o link"));
            assertTrue(links.contains("eth0") && links.contains("eth1"), links);
            assertFalse(links.contains("eth2"), links);
            assertEquals("198.51.100.50", ask(namespace, TestMachine.OUTSIDE, 80));
            // One that this agent did not make goes with its network all the same.
            machine.in("host", () -> {
                next.change(A, plan(bridged("eth1")), () -> {});
                return null;
            });
            assertFalse(in(namespace, () -> sh("ip -o link")).contains("eth0"));
        } finally {
            machine.in("host", () -> {
                next.detach(A);
                next.close();
                return null;
            });
        }
    }

    @Test
    void what_the_host_has_not_is_said_in_words() throws Exception {
        refused(
                "invalid subinterface vlan name nosuch, example formatting is eth0.10",
                parent("nosuch", "macvlan", "vepa"));
        refused("-o parent interface was not found on the host: nosuch", parent("nosuch.5", "macvlan", "vepa"));
        refused("loopback interface is not a valid macvlan parent link", parent("lo", "macvlan", "vepa"));
        refused("not a mode: l2", parent("uplink", "macvlan", "l2"));
        refused("not a driver with a parent interface: x", parent("uplink", "x", "l2"));
        refused("not an interface name: a b", parent("a b", "macvlan", "vepa"));
    }

    @Test
    void vlan_of_an_interface_is_made_and_goes_with_the_network() throws Exception {
        made("vlan", "uplink.50", parent("uplink.50", "macvlan", "bridge"));
    }

    @Test
    void network_without_a_parent_leads_nowhere() throws Exception {
        NetworkState state = new NetworkState(
                NETWORK,
                1,
                new NetworkState.Parent("dm-111111111111", true, "macvlan", "bridge", "", 0),
                subnets(),
                List.of(),
                List.of());
        made("dummy", "dm-111111111111", state);
    }

    /** Kernels without that kind of interface say so. */
    private void made(String kind, String name, NetworkState state) throws Exception {
        try {
            put(state);
        } catch (AgentFailure e) {
            assertEquals("failed to create %s %s link: operation not supported".formatted(name, kind), e.getMessage());
            Assumptions.abort("the kernel has no interfaces of kind " + kind);
        }
        attach(A, plan(endpoint(NETWORK, "eth0", 50)));
        assertTrue(machine.run("host", "ip -o link").contains(name));
        machine.in("host", () -> {
            network.detach(A);
            network.delete(NETWORK);
            return null;
        });
        assertFalse(machine.run("host", "ip -o link").contains(name));
    }

    @Test
    void ipvlan_works_where_the_kernel_has_it_and_is_refused_in_words_elsewhere() throws Exception {
        NetworkState state = new NetworkState(
                NETWORK,
                1,
                new NetworkState.Parent("uplink", false, "ipvlan", "l2", "bridge", 0),
                subnets(),
                List.of(),
                List.of());
        put(state);
        try {
            Path one = attach(A, plan(endpoint(NETWORK, "eth0", 50))).orElseThrow();
            try (ServerSocket outside = TestMachine.serve(machine.file("outside"), 80)) {
                assertEquals("198.51.100.50", ask(one, TestMachine.OUTSIDE, 80));
            }
        } catch (AgentFailure e) {
            assertEquals("failed to create the ipvlan port: operation not supported", e.getMessage());
        }
    }

    private void refused(String words, NetworkState state) {
        AgentFailure failure = assertThrows(AgentFailure.class, () -> put(state));
        assertEquals(words, failure.getMessage());
    }

    private static NetworkPlan plan(Endpoint... endpoints) {
        return new NetworkPlan(Kind.NETWORKS, "", List.of(endpoints));
    }

    private static NetworkState parent(String name, String driver, String mode) {
        return new NetworkState(
                NETWORK, 1, new NetworkState.Parent(name, false, driver, mode, "", 0), subnets(), List.of(), List.of());
    }

    private static List<NetworkState.Subnet> subnets() {
        return List.of(
                new NetworkState.Subnet("198.51.100.0/24", TestMachine.OUTSIDE),
                new NetworkState.Subnet("2001:db8::/64", "2001:db8::9"));
    }

    private static NetworkState bridge() {
        return TestMachine.state(
                new Bridge(BRIDGED, "gantry0", List.of(Cidr.parse("172.29.0.1/16")), 1500, true, true, false, false),
                1);
    }

    private static Endpoint bridged() {
        return bridged("eth0");
    }

    private static Endpoint bridged(String interfaceName) {
        return new Endpoint(
                "3".repeat(64),
                new NetworkPlan.Network(BRIDGED, 1, "net"),
                interfaceName,
                "172.29.0.2/16",
                "172.29.0.1",
                "02:42:00:00:00:02",
                false,
                null,
                List.of(),
                List.of(),
                Map.of(),
                List.of());
    }

    private static Endpoint endpoint(String networkId, String interfaceName, int number) {
        return new Endpoint(
                Integer.toString(number).repeat(32),
                new NetworkPlan.Network(networkId, 1, "net"),
                interfaceName,
                "198.51.100." + number + "/24",
                TestMachine.OUTSIDE,
                "02:42:00:00:00:" + number,
                true,
                new Ipv6("2001:db8::" + number + "/64", "2001:db8::9", true),
                List.of(),
                List.of(),
                Map.of(),
                List.of());
    }
}
