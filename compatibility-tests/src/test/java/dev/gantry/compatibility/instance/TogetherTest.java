package dev.gantry.compatibility.instance;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The usual topology: two processes with everything they need. */
@InstanceTest
class TogetherTest implements MainCommands, KillMatrix {
    private Instance instance;

    @BeforeAll
    void start() {
        instance = Instance.start(Topology.TOGETHER);
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
    public List<List<String>> sample(Random random) {
        List<String> agent = List.of("agent");
        List<String> standalone = List.of("standalone");
        return List.of(agent, standalone, List.of("agent", "standalone"), standalone, agent);
    }
}
