package dev.gantry.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A host's networks in a kernel namespace that stands for the host, with real packets; needs root, nftables and iproute2. In
 * the end nothing is left there.
 */
abstract class HostNetworkTest {
    static final String A = "a".repeat(64);
    static final String B = "b".repeat(64);

    @TempDir
    Path directory;

    TestMachine machine;
    HostNetwork network;

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        machine = new TestMachine(directory);
        network = machine.in("host", () -> machine.network());
        machine.in("host", () -> {
            network.reconcile(Map.of());
            return null;
        });
    }

    @AfterEach
    void stop() throws Exception {
        if (machine == null) {
            return;
        }
        machine.in("host", () -> {
            network.detach(A);
            network.detach(B);
            network.close();
            return null;
        });
        assertEquals("", machine.run("host", "nft list tables | grep gantry || true"), "our table is gone");
        assertEquals("", machine.run("host", "ip -o link | grep -v -e uplink -e ' lo:' || true"));
        assertEquals(List.of(), names(directory.resolve("agent/netns")));
        machine.close();
    }

    void put(Bridge bridge) throws Exception {
        put(TestMachine.state(bridge, 1));
    }

    void put(NetworkState state) throws Exception {
        machine.in("host", () -> network.put(state));
    }

    Optional<Path> attach(String id, NetworkPlan plan) throws Exception {
        return machine.in("host", () -> network.attach(id, plan));
    }

    /** Of container {@link #A}. */
    void change(NetworkPlan plan) throws Exception {
        machine.in("host", () -> {
            network.change(A, plan, () -> {});
            return null;
        });
    }

    static List<String> names(Path path) throws Exception {
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (var files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
