package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Logs that survive: lines on their way an agent that is killed, and kept ones their container. */
@InstanceTest
class SentLogsTest {
    private static final int LINES = 60_000;

    private Instance instance;
    private Docker docker;

    @BeforeAll
    void start() {
        instance = Instance.start(Topology.TOGETHER, Map.of("gantry.logs.keep", "1h"));
        docker = instance.docker();
    }

    @AfterAll
    void stop() {
        instance.close();
    }

    @Test
    void no_line_is_lost_with_the_agent() throws IOException {
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> receive(server, lines));
            String name = docker.name("sent");
            docker.ok(
                    "run",
                    "-d",
                    "--name",
                    name,
                    "--network",
                    "none",
                    "--log-driver",
                    "syslog",
                    "--log-opt",
                    "syslog-address=tcp://127.0.0.1:" + server.getLocalPort(),
                    Images.BUSYBOX,
                    "sh",
                    "-c",
                    "for i in $(seq " + LINES / 100 + "); do seq $((i * 100 - 99)) $((i * 100)); sleep 0.01; done");
            for (int kill = 0; kill < 2; kill++) {
                int before = lines.size();
                Docker.await("lines come", () -> lines.size() > before);
                instance.kill(List.of("agent"));
            }
            Docker.await("the last line", () -> lines.contains(Integer.toString(LINES)));

            assertEquals(LINES, lines.stream().distinct().count());
            assertTrue(lines.size() < 2 * LINES, () -> lines.size() + " lines");
        }
    }

    private static void receive(ServerSocket server, Queue<String> lines) {
        while (true) {
            try {
                Socket socket = server.accept();
                Thread.ofPlatform().daemon().start(() -> read(socket, lines));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void read(Socket socket, Queue<String> lines) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            in.lines().map(line -> line.substring(line.indexOf("]: ") + 3)).forEach(lines::add);
        } catch (IOException | java.io.UncheckedIOException e) {
            // The agent was killed.
            return;
        }
    }

    @Test
    void a_removed_container_leaves_its_log() {
        String id = docker.ok("create", Images.BUSYBOX, "echo", "last words").strip();
        String unused = docker.ok("create", Images.BUSYBOX, "true").strip();
        docker.ok("start", "-a", id);
        docker.ok("rm", id, unused);

        assertEquals("last words", docker.ok("logs", id));
        assertEquals("last words", docker.ok("logs", id.substring(0, 12)));
        assertEquals("dead", docker.inspect(id).at("/State/Status").asText());
        assertEquals("", docker.ok("ps", "-aq", "--filter", "id=" + id));
        assertTrue(docker.ok("system", "df", "-v").contains("Removed, its log is kept"));
        assertEquals(1, docker.call("logs", unused).exitCode());
        assertEquals(1, docker.call("start", id).exitCode());
    }
}
