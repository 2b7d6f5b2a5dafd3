package dev.gantry.container;

import dev.gantry.container.fake.FakeAgent;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.engine.container.ContainerUsage;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.testing.ContainersContract;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class ContainersPortIT extends ContainersContract {
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
