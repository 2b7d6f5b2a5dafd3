package dev.gantry.compatibility.instance;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Every service, the gateway and the servers they need as processes of their own. */
@InstanceTest
class SeparateTest implements MainCommands, KillMatrix, Supervision, OtherUsers {
    private Instance instance;

    @BeforeAll
    void start() {
        instance = Instance.start(Topology.SEPARATE, OtherUsers.SETTINGS, "077");
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
        List<String> parts = instance.parts();
        return List.of(
                List.of("container-service"), List.of("servers"), List.of(parts.get(random.nextInt(parts.size()))));
    }
}
