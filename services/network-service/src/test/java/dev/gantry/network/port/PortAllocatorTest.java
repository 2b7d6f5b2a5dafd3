package dev.gantry.network.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.engine.network.Networks.PortBinding;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PortAllocatorTest {
    private static final String ID = "c".repeat(64);

    @Test
    void fixed_port_on_every_address_is_given_on_both_families() {
        assertEquals(
                List.of(tcp("0.0.0.0", 8080, 80), tcp("::", 8080, 80)),
                allocate(List.of(), true, 0, Map.of("80/tcp", List.of(new PortBinding("", "8080")))));
    }

    @Test
    void mapped_address_is_the_ipv4_one() {
        for (String address : List.of("::ffff:127.0.0.1", "[::ffff:127.0.0.1]")) {
            assertEquals(
                    List.of(tcp("127.0.0.1", 8080, 80)),
                    allocate(List.of(), true, 0, Map.of("80/tcp", List.of(new PortBinding(address, "8080")))));
        }
    }

    @Test
    void port_of_another_container_is_refused_in_the_words_of_docker() {
        List<PublishedPort> taken = List.of(tcp("0.0.0.0", 8080, 80));

        PortUnavailable refusal = assertThrows(
                PortUnavailable.class,
                () -> allocate(taken, false, 0, Map.of("81/tcp", List.of(new PortBinding("", "8080")))));

        assertEquals("Bind for 0.0.0.0:8080 failed: port is already allocated", refusal.getMessage());
    }

    @Test
    void same_port_on_another_address_or_protocol_is_no_conflict() {
        List<PublishedPort> taken = List.of(tcp("127.0.0.1", 8080, 80));

        assertEquals(
                List.of(tcp("127.0.0.2", 8080, 80)),
                allocate(taken, false, 0, Map.of("80/tcp", List.of(new PortBinding("127.0.0.2", "8080")))));
        assertEquals(
                List.of(new PublishedPort("udp", "0.0.0.0", 8080, 80)),
                allocate(taken, false, 0, Map.of("80/udp", List.of(new PortBinding("", "8080")))));
        assertThrows(
                PortUnavailable.class,
                () -> allocate(taken, false, 0, Map.of("80/tcp", List.of(new PortBinding("", "8080")))));
    }

    @Test
    void ports_of_our_choice_follow_the_last_one_and_start_over_at_the_end() {
        Map<String, List<PortBinding>> any = Map.of("80/tcp", List.of(new PortBinding("", "")));

        assertEquals(List.of(tcp("0.0.0.0", 32_768, 80)), allocate(List.of(), false, 0, any));
        assertEquals(List.of(tcp("0.0.0.0", 40_001, 80)), allocate(List.of(), false, 40_000, any));
        assertEquals(List.of(tcp("0.0.0.0", 32_768, 80)), allocate(List.of(), false, 60_999, any));
        assertEquals(
                List.of(tcp("0.0.0.0", 40_002, 80)),
                allocate(List.of(tcp("127.0.0.1", 40_001, 1)), false, 40_000, any));
        assertEquals(
                List.of(tcp("0.0.0.0", 32_768, 80)),
                allocate(List.of(), false, 0, Map.of("80/tcp", List.of(new PortBinding("", "0")))));
    }

    @Test
    void range_gives_its_first_free_port() {
        Map<String, List<PortBinding>> range = Map.of("80/tcp", List.of(new PortBinding("", "8000-8002")));

        assertEquals(List.of(tcp("0.0.0.0", 8001, 80)), allocate(List.of(tcp("0.0.0.0", 8000, 1)), false, 0, range));
        List<PublishedPort> all = List.of(tcp("0.0.0.0", 8000, 1), tcp("0.0.0.0", 8001, 1), tcp("0.0.0.0", 8002, 1));
        assertEquals(
                "all ports are allocated",
                assertThrows(PortUnavailable.class, () -> allocate(all, false, 0, range))
                        .getMessage());
    }

    @Test
    void bindings_without_a_choice_are_served_first() {
        Map<String, List<PortBinding>> wanted = Map.of(
                "80/tcp", List.of(new PortBinding("", "8000-8001")), "90/tcp", List.of(new PortBinding("", "8000")));

        assertEquals(
                List.of(tcp("0.0.0.0", 8000, 90), tcp("0.0.0.0", 8001, 80)), allocate(List.of(), false, 0, wanted));
    }

    @Test
    void exposed_ports_are_published_only_on_request() {
        ConnectRequest request = request(Map.of(), List.of("80/tcp", "53/udp"), true);

        assertEquals(
                List.of(tcp("0.0.0.0", 32_768, 80), new PublishedPort("udp", "0.0.0.0", 32_769, 53)),
                new PortAllocator(List.of(), List.of(), false, 0).allocate(WantedPort.of(request)));
        assertEquals(List.of(), WantedPort.of(request(Map.of(), List.of("80/tcp"), false)));
    }

    @Test
    void port_that_something_else_has_is_passed_over_or_refused() {
        Map<String, List<PortBinding>> any = Map.of("80/tcp", List.of(new PortBinding("", "")));
        Map<String, List<PortBinding>> fixed = Map.of("80/tcp", List.of(new PortBinding("", "8080")));

        assertEquals(
                List.of(tcp("0.0.0.0", 32_769, 80)),
                new PortAllocator(List.of(), List.of(32_768), false, 0)
                        .allocate(WantedPort.of(request(any, List.of(), false))));
        PortUnavailable refusal =
                assertThrows(PortUnavailable.class, () -> new PortAllocator(List.of(), List.of(8080), false, 0)
                        .allocate(WantedPort.of(request(fixed, List.of(), false))));
        assertEquals(
                "Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use",
                refusal.getMessage());
    }

    @Test
    void nonsense_is_refused() {
        for (String port : List.of("x", "8001-8000", "70000", "1-2-3")) {
            assertThrows(
                    EngineError.BadParameter.class,
                    () -> WantedPort.of(
                            request(Map.of("80/tcp", List.of(new PortBinding("", port))), List.of(), false)));
        }
    }

    private static List<PublishedPort> allocate(
            List<PublishedPort> taken, boolean ipv6, int cursor, Map<String, List<PortBinding>> ports) {
        return new PortAllocator(taken, List.of(), ipv6, cursor)
                .allocate(WantedPort.of(request(ports, List.of(), false)));
    }

    private static ConnectRequest request(
            Map<String, List<PortBinding>> ports, List<String> exposed, boolean publishAll) {
        return new ConnectRequest(
                "h",
                ID,
                "web",
                "",
                "bridge",
                Map.of("bridge", new EndpointRequest("", "", List.of())),
                ports,
                exposed,
                publishAll);
    }

    private static PublishedPort tcp(String ip, int hostPort, int containerPort) {
        return new PublishedPort("tcp", ip, hostPort, containerPort);
    }

    @Test
    void exposed_port_is_wanted_once_however_many_ranges_it_is_in() {
        List<String> ranges = IntStream.rangeClosed(1, 1000)
                .mapToObj(first -> first + "-65535/tcp")
                .toList();
        ConnectRequest request = new ConnectRequest(
                "host",
                ID,
                "name",
                "",
                "bridge",
                Map.of("bridge", new EndpointRequest("", "", List.of())),
                Map.of("80/tcp", List.of(new PortBinding("", "8080"))),
                ranges,
                true);

        List<WantedPort> wanted = WantedPort.of(request);

        assertEquals(65_535, wanted.size());
        assertEquals(new WantedPort("tcp", 80, "", 8080, 8080), wanted.getFirst());
    }
}
