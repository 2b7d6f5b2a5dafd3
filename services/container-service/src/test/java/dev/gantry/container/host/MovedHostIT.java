package dev.gantry.container.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.container.fake.FakeAgent;
import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A host whose agent comes back at another address, which this replica is not told of. */
@QuarkusTest
class MovedHostIT extends ServiceTest {
    @Test
    void a_host_that_moved_is_called_at_its_new_address() throws Exception {
        post("/volumes/create", "{\"Name\":\"before\"}").statusCode(201);
        Path elsewhere = Files.createTempDirectory("gantry-agent");
        agent.close();

        agent = new FakeAgent(elsewhere, "http://127.0.0.1:" + RestAssured.port);
        agent.register();
        post("/volumes/create", "{\"Name\":\"after\"}").statusCode(201);

        assertTrue(agent.volumes().contains("after"));
        delete("/volumes/before").statusCode(204);
        delete("/volumes/after").statusCode(204);
        Files.deleteIfExists(elsewhere.resolve("agent.sock"));
        Files.delete(elsewhere);
    }

    @Test
    void streams_of_a_host_that_moved_fail_at_most_once() throws Exception {
        create("streamed", "\"sleep\"");
        Path elsewhere = Files.createTempDirectory("gantry-agent");
        agent.close();

        agent = new FakeAgent(elsewhere, "http://127.0.0.1:" + RestAssured.port);
        agent.register();
        get("/containers/streamed/logs?stdout=1").statusCode(503);

        assertEquals(
                "logged\n",
                get("/containers/streamed/logs?stdout=1")
                        .statusCode(200)
                        .extract()
                        .asString());
        delete("/containers/streamed").statusCode(204);
        Files.deleteIfExists(elsewhere.resolve("agent.sock"));
        Files.delete(elsewhere);
    }
}
