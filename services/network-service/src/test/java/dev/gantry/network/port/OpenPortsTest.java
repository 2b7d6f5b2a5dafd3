package dev.gantry.network.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.PortBinding;
import dev.gantry.network.address.IpFamily;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OpenPortsTest {
    private static final Set<IpFamily> BOTH = Set.of(IpFamily.V4, IpFamily.V6);

    @Test
    void port_that_names_no_address_is_open_in_each_family_unless_the_network_has_one_for_it() {
        ConnectRequest request = request(binding("80/tcp", ""), List.of());

        assertEquals(Set.of(open("0.0.0.0", 80, 1), open("::", 80, 1)), Set.copyOf(OpenPorts.of(request, BOTH, "")));
        assertEquals(List.of(open("0.0.0.0", 80, 1)), OpenPorts.of(request, BOTH, "127.0.0.1"));
        assertEquals(List.of(open("::", 80, 1)), OpenPorts.of(request, Set.of(IpFamily.V6), "0.0.0.0"));
        assertEquals(List.of(), OpenPorts.of(request, Set.of(IpFamily.V6), "127.0.0.1"));
    }

    @Test
    void port_on_an_address_is_open_in_its_family_only() {
        assertEquals(
                List.of(open("0.0.0.0", 80, 1)),
                OpenPorts.of(request(binding("80/tcp", "127.0.0.1"), List.of()), BOTH, ""));
        assertEquals(List.of(open("::", 80, 1)), OpenPorts.of(request(binding("80/tcp", "::1"), List.of()), BOTH, ""));
        assertEquals(
                List.of(), OpenPorts.of(request(binding("80/tcp", "127.0.0.1"), List.of()), Set.of(IpFamily.V6), ""));
    }

    @Test
    void many_are_runs_and_too_many_are_refused() {
        assertEquals(
                List.of(open("0.0.0.0", 1000, 1001)),
                OpenPorts.of(request(Map.of(), List.of("1000-2000/tcp")), Set.of(IpFamily.V4), ""));
        assertThrows(
                EngineError.BadParameter.class,
                () -> OpenPorts.of(request(Map.of(), List.of("1-65535/tcp")), Set.of(IpFamily.V4), ""));
    }

    private static PublishedPort open(String address, int port, int count) {
        return new PublishedPort("tcp", address, 0, port, count);
    }

    private static Map<String, List<PortBinding>> binding(String port, String address) {
        return Map.of(port, List.of(new PortBinding(address, "8080")));
    }

    private static ConnectRequest request(Map<String, List<PortBinding>> ports, List<String> exposed) {
        return new ConnectRequest(
                "h".repeat(64), "c".repeat(64), "web", "", "net", Map.of(), ports, exposed, !exposed.isEmpty());
    }
}
