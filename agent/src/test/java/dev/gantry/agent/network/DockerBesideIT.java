package dev.gantry.agent.network;

import static dev.gantry.agent.network.TestMachine.ask;
import static dev.gantry.agent.network.TestMachine.sh;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.api.NetworkPlan.Kind;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real dockerd on the machine that plays the host. */
class DockerBesideIT {
    private static final String ID = "a".repeat(64);
    private static final int SECONDS_TO_START = 60;

    @TempDir
    Path directory;

    private TestMachine machine;
    private HostNetwork network;
    private Process dockerd;

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/sbin/dockerd")) || Files.isExecutable(Path.of("/usr/bin/dockerd")),
                "needs dockerd");
        machine = new TestMachine(directory);
        // dockerd sets the policy to DROP only when it is the one who turns forwarding on.
        machine.run("host", "echo 0 > /proc/sys/net/ipv4/ip_forward");
        network = machine.in("host", () -> machine.network());
        network.reconcile(Map.of());
    }

    @AfterEach
    void stop() throws Exception {
        if (machine != null) {
            stopDockerd();
            machine.in("host", () -> {
                network.detach(ID);
                network.close();
                return null;
            });
            String left = machine.run("host", "iptables -S DOCKER-USER; nft list tables");
            machine.close();
            assertFalse(left.contains("gantry"), left);
        }
    }

    @Test
    void traffic_passes_beside_a_dockerd_that_was_there_before_and_after_its_restart() throws Exception {
        startDockerd();
        Path namespace = attach();
        passes(namespace);

        stopDockerd();
        startDockerd();

        passes(namespace);
        assertTrue(machine.run("host", "iptables -S FORWARD").contains("-P FORWARD DROP"));
    }

    @Test
    void traffic_passes_beside_a_dockerd_that_came_later() throws Exception {
        Path namespace = attach();
        machine.run("host", "echo 0 > /proc/sys/net/ipv4/ip_forward");

        startDockerd();

        passes(namespace);
    }

    @Test
    void containers_of_dockerd_are_as_closed_as_before() throws Exception {
        startDockerd();
        Path namespace = attach();
        passes(namespace);
        Path theirs = directory.resolve("outside");
        // What plays a container of dockerd: a namespace on docker0.
        machine.run(
                "host",
                "ip link add theirs type veth peer name eth1 netns " + theirs
                        + "; ip link set theirs master docker0 up");
        machine.run(
                "outside",
                "ip addr add 172.31.0.2/16 dev eth1; ip link set eth1 up;" + " ip route add default via 172.31.0.1");

        try (ServerSocket server = TestMachine.serve(theirs, 80);
                ServerSocket ours = TestMachine.serve(namespace, 80)) {
            assertEquals("172.31.0.1", machine.askFrom("host", "172.31.0.2", 80));
            assertTrue(ask(namespace, "172.31.0.2", 80).contains("Exception"));
            assertTrue(ask(theirs, "172.29.0.2", 80).contains("Exception"));
        }
    }

    private void passes(Path namespace) throws Exception {
        try (ServerSocket server = TestMachine.serve(namespace, 80);
                ServerSocket outside = TestMachine.serve(machine.file("outside"), 80)) {
            String answer = "";
            for (int i = 0; i < 10 && !answer.equals(TestMachine.OUTSIDE); i++) {
                answer = machine.askFrom("outside", TestMachine.OWN, 8080);
            }
            assertEquals(TestMachine.OUTSIDE, answer, "inbound");
            assertEquals(TestMachine.OWN, ask(namespace, TestMachine.OUTSIDE, 80), "outbound");
        }
    }

    private Path attach() throws Exception {
        Bridge bridge = new Bridge(
                "f".repeat(64), "gantry0", List.of(Cidr.parse("172.29.0.1/16")), 1500, true, true, false, true);
        Endpoint endpoint = new Endpoint(
                "e".repeat(64),
                new NetworkPlan.Network(bridge.networkId(), 1, "net"),
                "eth0",
                "172.29.0.2/16",
                bridge.addresses().getFirst().address().getHostAddress(),
                "02:42:ac:1d:00:02",
                true,
                null,
                List.of(),
                List.of(),
                Map.of(),
                List.of(new PublishedPort("tcp", "0.0.0.0", 8080, 80)));
        return machine.in("host", () -> {
            network.put(TestMachine.state(bridge, 1));
            return network.attach(ID, new NetworkPlan(Kind.NETWORKS, "", List.of(endpoint)))
                    .orElseThrow();
        });
    }

    private void startDockerd() throws Exception {
        String socket = "unix://" + directory.resolve("docker.sock");
        dockerd = machine.in("host", () -> new ProcessBuilder(
                        "dockerd",
                        "--data-root=" + directory.resolve("data"),
                        "--exec-root=" + directory.resolve("exec"),
                        "--pidfile=" + directory.resolve("pid"),
                        "--host=" + socket,
                        "--bip=172.31.0.1/16")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start());
        for (int i = 0; i < SECONDS_TO_START * 5; i++) {
            if (Files.exists(directory.resolve("docker.sock")) && answers(socket)) {
                return;
            }
            Thread.sleep(200);
        }
        throw new IOException("dockerd: " + Files.readString(directory.resolve("log")));
    }

    private static boolean answers(String socket) throws InterruptedException {
        try {
            return !sh("docker --host " + socket + " version").isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private void stopDockerd() throws Exception {
        if (dockerd != null) {
            dockerd.destroy();
            assertTrue(dockerd.waitFor(30, TimeUnit.SECONDS));
            dockerd = null;
            Files.deleteIfExists(directory.resolve("docker.sock"));
        }
    }
}
