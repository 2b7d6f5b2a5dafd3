package dev.gantry.compatibility.instance;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Every service, the gateway and the servers they need as processes of their own. */
@InstanceTest
class SeparateTest implements MainCommands {
    private Instance instance;

    @BeforeAll
    void start() {
        instance = Instance.start(Topology.SEPARATE);
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
