package dev.gantry.container;

import dev.gantry.container.fake.FakeAgent;
import dev.gantry.engine.container.ContainerUsage;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.testing.ContainersContract;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The service that the contract is run on. What an implementation is, subclasses say. */
abstract class ContainersPortCase extends ContainersContract {
    @Inject
    Containers containers;

    @Inject
    ContainerUsage usage;

    private FakeAgent agent;
    private Path directory;

    @Override
    protected Containers containers() {
        return containers;
    }

    @Override
    protected ContainerUsage usage() {
        return usage;
    }

    @Override
    protected String image() {
        return "busybox";
    }

    @Override
    protected List<String> endless() {
        return List.of("sleep");
    }

    @Override
    protected List<String> ending(int exitCode) {
        return List.of("exit", Integer.toString(exitCode));
    }

    @BeforeEach
    void startAgent() throws Exception {
        directory = Files.createTempDirectory("gantry-agent");
        agent = new FakeAgent(directory, "http://127.0.0.1:" + RestAssured.port);
        agent.register();
    }

    @AfterEach
    void stopAgent() throws Exception {
        agent.close();
        Files.deleteIfExists(directory.resolve("agent.sock"));
        Files.deleteIfExists(directory);
    }
}
