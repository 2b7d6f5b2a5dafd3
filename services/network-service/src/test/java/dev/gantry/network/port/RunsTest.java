package dev.gantry.network.port;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RunsTest {
    @Test
    void neighbours_that_lead_to_neighbours_become_one() {
        List<PublishedPort> single = Stream.of(
                        new PublishedPort("tcp", "0.0.0.0", 8000, 80, 3), new PublishedPort("tcp", "::", 8000, 80, 3))
                .flatMap(PublishedPort::each)
                .toList();

        assertEquals(
                List.of(new PublishedPort("tcp", "0.0.0.0", 8000, 80, 3), new PublishedPort("tcp", "::", 8000, 80, 3)),
                HostPorts.runs(single));
    }

    @Test
    void what_differs_in_anything_else_stays_apart() {
        List<PublishedPort> single = List.of(
                new PublishedPort("tcp", "0.0.0.0", 8000, 80),
                new PublishedPort("tcp", "0.0.0.0", 8001, 90),
                new PublishedPort("tcp", "0.0.0.0", 8003, 91),
                new PublishedPort("udp", "0.0.0.0", 8004, 92));

        assertEquals(single, HostPorts.runs(single));
    }
}
