package dev.gantry.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.api.NetworkPlan.Ipv6;
import dev.gantry.agent.api.NetworkPlan.Network;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContainerNamesTest {
    @Test
    void name_on_several_networks_is_looked_for_where_the_default_route_is_and_then_by_their_names() {
        NetworkPlan plan = new NetworkPlan(
                NetworkPlan.Kind.NETWORKS,
                "",
                List.of(
                        endpoint("zone", false, false, false),
                        endpoint("closed", true, false, false),
                        endpoint("six", false, false, true),
                        endpoint("yard", false, true, false),
                        endpoint("area", false, false, false)));

        assertEquals(
                List.of("yard", "six", "area", "zone", "closed"),
                ContainerNames.inOrder(plan).stream()
                        .map(endpoint -> endpoint.network().name())
                        .toList());
    }

    private static Endpoint endpoint(String network, boolean internal, boolean route, boolean ipv6Route) {
        return new Endpoint(
                "e",
                new Network("n", 1, network, "", internal),
                "eth0",
                "10.1.0.2/24",
                "10.1.0.1",
                "02:42:0a:01:00:02",
                route,
                new Ipv6("fd00::2/64", "fd00::1", ipv6Route),
                List.of(),
                List.of("web"),
                Map.of(),
                List.of());
    }
}
