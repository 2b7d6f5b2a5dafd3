package dev.gantry.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.network.Ruleset.Forwarding;
import java.util.List;
import org.junit.jupiter.api.Test;

class RulesetTest {
    private final Ruleset ruleset = new Ruleset("gantry");

    @Test
    void published_ports_become_elements_by_kind() {
        List<Forwarding> ports = List.of(
                to("172.18.0.2", new PublishedPort("tcp", "0.0.0.0", 8080, 80)),
                to("172.18.0.2", new PublishedPort("udp", "", 53, 53)),
                to("172.18.0.2", new PublishedPort("tcp", "127.0.0.1", 9090, 90)));

        assertEquals(
                """
                add element inet gantry published { tcp . 8080 : 172.18.0.2 . 80, udp . 53 : 172.18.0.2 . 53 }
                add element inet gantry published_on { 127.0.0.1 . tcp . 9090 : 172.18.0.2 . 90 }
                """,
                ruleset.add(ports));
        assertEquals(
                """
                delete element inet gantry published { tcp . 8080, udp . 53 }
                delete element inet gantry published_on { 127.0.0.1 . tcp . 9090 }
                """,
                ruleset.delete(ports));
    }

    @Test
    void run_of_ports_that_keep_their_numbers_is_one_element() {
        List<Forwarding> ports = List.of(
                to("172.18.0.2", new PublishedPort("tcp", "0.0.0.0", 1, 1, 65_535)),
                to("172.18.0.2", new PublishedPort("udp", "127.0.0.1", 5, 5, 2)),
                to("172.18.0.2", new PublishedPort("tcp", "127.0.0.1", 8000, 80, 2)));

        assertEquals(
                """
                add element inet gantry published_on { 127.0.0.1 . tcp . 8000 : 172.18.0.2 . 80, 127.0.0.1 . tcp . 8001 : 172.18.0.2 . 81 }
                add element inet gantry spans { tcp . 1-65535 : 172.18.0.2 }
                add element inet gantry spans_on { 127.0.0.1 . udp . 5-6 : 172.18.0.2 }
                """,
                ruleset.add(ports));
        assertEquals(
                """
                delete element inet gantry published_on { 127.0.0.1 . tcp . 8000, 127.0.0.1 . tcp . 8001 }
                delete element inet gantry spans { tcp . 1-65535 }
                delete element inet gantry spans_on { 127.0.0.1 . udp . 5-6 }
                """,
                ruleset.delete(ports));
    }

    @Test
    void ports_of_the_other_family_lead_nowhere_and_are_known_as_relayed() {
        List<Forwarding> ports = List.of(
                to("172.18.0.2", new PublishedPort("tcp", "::", 8080, 80, 2)),
                to("172.18.0.2", new PublishedPort("udp", "fd00::1", 53, 53)),
                to("fd00::2", new PublishedPort("tcp", "127.0.0.1", 9090, 90)));

        assertEquals(
                """
                add element inet gantry relayed_on { 127.0.0.1 . tcp . 9090 }
                add element inet gantry relayed6 { tcp . 8080, tcp . 8081 }
                add element inet gantry relayed6_on { fd00:0:0:0:0:0:0:1 . udp . 53 }
                """,
                ruleset.add(ports));
        assertEquals(ruleset.add(ports).replace("add", "delete"), ruleset.delete(ports));
    }

    @Test
    void whole_table_is_replaced_in_one_transaction() {
        String text = ruleset.replace(List.of(bridge("gantry0", true, true)), List.of());

        assertTrue(text.startsWith("add table inet gantry\ndelete table inet gantry\ntable inet gantry {"), text);
        assertTrue(text.contains("elements = { \"gantry0\" }"), text);
        assertTrue(text.contains("ip saddr 172.18.0.0/16 oifname != \"gantry0\" masquerade"), text);
        assertTrue(text.contains("iifname \"gantry0\" oifname \"gantry0\" goto vouch"), text);
    }

    @Test
    void bridge_without_masquerade_or_communication_lacks_those_rules() {
        String text = ruleset.replace(List.of(bridge("gantry0", false, false)), List.of());

        assertFalse(text.contains("oifname != \"gantry0\" masquerade"), text);
        assertFalse(text.contains("iifname \"gantry0\" oifname \"gantry0\""), text);
        assertTrue(text.contains("add table bridge gantry\ndelete table bridge gantry\ntable bridge gantry {"), text);
        assertFalse(ruleset.replace(List.of(bridge("gantry0", false, true)), List.of())
                .contains("table bridge"));
    }

    @Test
    void internal_bridge_is_closed_before_anything_is_let_through() {
        Bridge internal =
                new Bridge("n".repeat(64), "br1", List.of(Cidr.parse("172.18.0.1/16")), 1500, true, true, true, false);
        String text = ruleset.replace(List.of(internal), List.of());

        int out = text.indexOf("iifname \"br1\" oifname != \"br1\" drop");
        int in = text.indexOf("iifname != \"br1\" oifname \"br1\" drop");
        assertTrue(out > 0 && in > 0, text);
        assertTrue(Math.max(out, in) < text.indexOf("oifname @bridges goto inbound"), text);
    }

    @Test
    void nothing_but_names_and_addresses_gets_into_the_text() {
        assertThrows(IllegalArgumentException.class, () -> new Ruleset("gantry; flush ruleset"));
        assertThrows(
                IllegalArgumentException.class,
                () -> ruleset.replace(List.of(bridge("x\"; drop", true, true)), List.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> ruleset.add(List.of(to("0.0.0.0 }", new PublishedPort("tcp", "0.0.0.0", 1, 1)))));
        assertThrows(
                IllegalArgumentException.class,
                () -> ruleset.add(List.of(to("172.18.0.2", new PublishedPort("tcp", "localhost", 1, 1)))));
    }

    private static Forwarding to(String address, PublishedPort port) {
        return new Forwarding(port, address);
    }

    private static Bridge bridge(String name, boolean masquerade, boolean icc) {
        return new Bridge(
                "n".repeat(64), name, List.of(Cidr.parse("172.18.0.1/16")), 1500, masquerade, icc, false, true);
    }
}
