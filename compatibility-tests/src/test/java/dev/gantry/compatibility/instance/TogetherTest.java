package dev.gantry.compatibility.instance;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The usual topology: two processes with everything they need. */
@InstanceTest
class TogetherTest implements MainCommands {
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
}
