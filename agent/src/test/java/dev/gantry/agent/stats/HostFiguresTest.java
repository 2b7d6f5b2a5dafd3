package dev.gantry.agent.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.agent.api.ContainerStats.Interface;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HostFiguresTest {
    @Test
    void all_processors_time_is_that_of_guests_once() {
        assertEquals(
                new Processors(360_000_000L, 2),
                Processors.parse(
                        """
                        cpu  1 2 3 4 5 6 7 8 100 200
                        cpu0 1 1 1 1 1 1 1 1 50 100
                        cpu1 1 1 1 1 1 1 1 1 50 100
                        intr 1 2 3
                        cpu9 of no interest
                        """));
    }

    @Test
    void only_the_interfaces_that_are_asked_for_are_told_of() {
        String dev =
                """
                Inter-|   Receive                                                |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                    lo:     999       9    0    0    0     0          0         0      999       9    0    0    0     0       0          0
                  eth0: 1042      11    1    2    0     0          0         0      20       3    4    5    0     0       0          0
                made0:       1       1    0    0    0     0          0         0        1       1    0    0    0     0       0          0
                eth1:12
                """;

        assertEquals(
                Map.of("eth0", new Interface(1042, 11, 1, 2, 20, 3, 4, 5)),
                Interfaces.parse(dev, Set.of("eth0", "eth1")));
    }
}
