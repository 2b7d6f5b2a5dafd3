package dev.gantry.container.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.api.PortTaken;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TakenPortsTest {
    private static final NetworkPlan PLAN = new NetworkPlan(
            NetworkPlan.Kind.NETWORKS,
            "",
            List.of(
                    endpoint("a", List.of()),
                    endpoint("b", List.of(new PublishedPort("tcp", "192.0.2.9", 8000, 80, 11)))));

    @Test
    void failure_about_a_port_names_container_and_endpoint() {
        AgentFailure refused = new AgentFailure(
                AgentFailure.Code.PORT_IN_USE,
                PortTaken.message(new PublishedPort("tcp", "192.0.2.9", 8010, 90), "address already in use"));

        AgentFailure told = (AgentFailure) TakenPorts.about("web", PLAN, refused);

        assertEquals(
                "driver failed programming external connectivity on endpoint web (b): Error starting userland proxy:"
                        + " listen tcp4 192.0.2.9:8010: bind: address already in use",
                told.getMessage());
        assertTrue(TakenPorts.worthRetrying(told, 0));
        assertEquals(List.of(8010), TakenPorts.in(told));
    }

    @Test
    void any_other_failure_stays_as_it_is() {
        for (Throwable other : List.of(
                new IllegalStateException("listen tcp4 192.0.2.9:8010: x"),
                new AgentFailure(AgentFailure.Code.INTERNAL, "no space"),
                new AgentFailure(AgentFailure.Code.INTERNAL, "listen tcp4 192.0.2.9:8011: x"))) {
            assertSame(other, TakenPorts.about("web", PLAN, other));
        }
    }

    private static NetworkPlan.Endpoint endpoint(String id, List<PublishedPort> ports) {
        return new NetworkPlan.Endpoint(
                id,
                new NetworkPlan.Network("n", 1, "net"),
                "eth0",
                "10.1.0.2/24",
                "10.1.0.1",
                "02:42:0a:01:00:02",
                true,
                null,
                List.of(),
                List.of(),
                Map.of(),
                ports);
    }
}
