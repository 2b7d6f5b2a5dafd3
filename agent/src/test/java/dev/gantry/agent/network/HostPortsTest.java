package dev.gantry.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.agent.network.Ruleset.Forwarding;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class HostPortsTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int LIMIT = 4;

    private HostPorts ports;
    private int free;

    @BeforeEach
    void open() throws IOException {
        ports = new HostPorts(Thread.ofVirtual().factory(), new PortLimits(LIMIT, 1, 1));
        free = IntStream.iterate(20_000, port -> port + 10)
                .filter(first -> IntStream.range(first, first + 10).allMatch(HostPortsTest::isFree))
                .findFirst()
                .getAsInt();
    }

    @AfterEach
    void close() {
        ports.close();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("::"), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Forwarding> run(String hostIp, int first, int count) {
        return List.of(new Forwarding(new PublishedPort("tcp", hostIp, first, 80, count), "172.18.0.2"));
    }

    @Test
    void more_ports_than_a_host_has_room_for_are_refused_and_none_is_held() {
        ports.reserve("a", run(LOOPBACK, free, 2));

        AgentFailure failure =
                assertThrows(AgentFailure.class, () -> ports.reserve("b", run(LOOPBACK, free + 2, LIMIT - 1)));

        assertEquals(AgentFailure.Code.NO_SPACE, failure.code());
        assertEquals(
                "publishing 3 ports is more than this host has room for: 2 of 4 are published already",
                failure.getMessage());
        assertTrue(IntStream.range(free + 2, free + 2 + LIMIT).allMatch(HostPortsTest::isFree));
    }

    @Test
    void what_an_endpoint_gave_back_is_room_for_others() {
        ports.reserve("a", run(LOOPBACK, free, LIMIT));
        ports.release("a");

        ports.reserve("b", run(LOOPBACK, free, LIMIT));
    }

    @Test
    void ports_on_both_families_and_runs_that_overlap_count_once() {
        PublishedPort ipv4 = new PublishedPort("tcp", "0.0.0.0", free, 80, LIMIT);
        PublishedPort ipv6 = new PublishedPort("tcp", "::", free, 80, LIMIT);
        PublishedPort within = new PublishedPort("tcp", "0.0.0.0", free + 1, 81, LIMIT - 1);

        ports.reserve(
                "a",
                List.of(ipv4, ipv6, within).stream()
                        .map(port -> new Forwarding(port, "172.18.0.2"))
                        .toList());

        assertThrows(AgentFailure.class, () -> ports.reserve("b", run(LOOPBACK, free + LIMIT, 1)));
    }

    @Test
    void run_without_end_is_refused_without_being_counted_out() {
        assertThrows(AgentFailure.class, () -> ports.reserve("a", run(LOOPBACK, free, Integer.MAX_VALUE)));
    }

    @Test
    void container_that_runs_goes_on_without_sockets_that_are_too_many() {
        ports.readopt("a", run(LOOPBACK, free, LIMIT + 1));

        assertTrue(isFree(free));
        ports.reserve("b", run(LOOPBACK, free, LIMIT));
    }

    @Test
    void half_of_the_open_files_are_for_ports_and_a_quarter_for_connections() {
        assertEquals(new PortLimits(512, 128, 128), PortLimits.of(1024));
        assertEquals(new PortLimits(30_000, 4_096, 256), PortLimits.of(1_048_576));
        assertEquals(new PortLimits(30_000, 4_096, 256), PortLimits.of(Long.MAX_VALUE));
    }
}
