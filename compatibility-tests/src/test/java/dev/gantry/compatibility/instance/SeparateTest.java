package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.fixtures.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every service, the gateway and the servers they need as processes of their own. */
@InstanceTest
class SeparateTest implements MainCommands, KillMatrix, Supervision, OtherUsers, Traced {
    private static final int SERVICES = 5;
    /** Where the ports of services begin, from the gateway's. */
    private static final int APART = 10;

    private Instance instance;
    private int spanPort;
    private int healthPort;

    @BeforeAll
    void start() throws IOException {
        spanPort = FreePorts.one();
        healthPort = freePorts();
        Map<String, String> settings = new HashMap<>(OtherUsers.SETTINGS);
        settings.putAll(Traced.settings(spanPort));
        settings.put("gantry.health.port", Integer.toString(healthPort));
        instance = Instance.start(Topology.SEPARATE, settings, "077");
    }

    /** The first of those that such an instance has: nobody listens there, or did when it was looked at. */
    private static int freePorts() {
        Random random = new Random();
        while (true) {
            int first = random.nextInt(20_000, 30_000);
            if (isFree(first)
                    && IntStream.range(first + APART, first + APART + SERVICES).allMatch(SeparateTest::isFree)) {
                return first;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    @Test
    void every_service_tells_how_it_is() {
        List<Integer> ports = IntStream.concat(
                        IntStream.of(healthPort), IntStream.range(healthPort + APART, healthPort + APART + SERVICES))
                .boxed()
                .toList();

        for (int port : ports) {
            String url = "http://127.0.0.1:" + port;
            Docker.await("it is ready at " + url, () -> !Commands.lines("curl", "-fs", url + "/q/health/ready")
                    .isEmpty());
            assertTrue(
                    Commands.lines("curl", "-fs", url + "/q/metrics").stream()
                            .anyMatch(line -> line.startsWith("jvm_memory_used_bytes")),
                    url);
            // It knows nothing else.
            assertEquals(
                    List.of(), Commands.lines("curl", "-fs", url + "/internal/container-service/usage/containers"));
        }
    }

    @AfterAll
    void stop() {
        if (instance != null) {
            instance.close();
        }
    }

    @Override
    public Instance instance() {
        return instance;
    }

    @Override
    public int spanPort() {
        return spanPort;
    }

    @Override
    public List<List<String>> sample(Random random) {
        List<String> parts = instance.parts();
        return List.of(
                List.of("container-service"), List.of("servers"), List.of(parts.get(random.nextInt(parts.size()))));
    }
}
