package dev.gantry.container.fake;

import static io.restassured.RestAssured.given;
import static org.hamcrest.MatcherAssert.assertThat;

import dev.gantry.embedded.testing.EmbeddedServices;
import io.quarkus.test.common.QuarkusTestResource;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Calls the service as the gateway does, with a host that a {@link FakeAgent} stands in for. */
@QuarkusTestResource(EmbeddedServices.class)
public abstract class ServiceTest {
    protected FakeAgent agent;
    private Path directory;

    @BeforeEach
    void startAgent() throws IOException {
        directory = Files.createTempDirectory("gantry-agent");
        agent = new FakeAgent(directory, "http://127.0.0.1:" + RestAssured.port);
        agent.register();
    }

    @AfterEach
    void removeEverything() throws IOException {
        agent.mend();
        agent.silent(false);
        for (String id : get("/containers/json?all=1").extract().jsonPath().<String>getList("Id")) {
            given().delete("/containers/" + id + "?force=1&v=1").then().statusCode(204);
        }
        agent.close();
        Files.deleteIfExists(directory.resolve("agent.sock"));
        Files.deleteIfExists(directory);
    }

    /** What follows from a report or comes about in the background. */
    protected static void eventually(String what, BooleanSupplier condition) throws InterruptedException {
        Instant limit = Instant.now().plus(Duration.ofSeconds(60));
        while (!condition.getAsBoolean()) {
            assertThat(what, Instant.now().isBefore(limit));
            Thread.sleep(100);
        }
    }

    protected static ValidatableResponse get(String path) {
        return given().urlEncodingEnabled(false).get(path).then();
    }

    protected static ValidatableResponse post(String path) {
        return given().urlEncodingEnabled(false).post(path).then();
    }

    protected static ValidatableResponse post(String path, String body) {
        return given().urlEncodingEnabled(false)
                .contentType("application/json")
                .body(body)
                .post(path)
                .then();
    }

    protected static ValidatableResponse delete(String path) {
        return given().urlEncodingEnabled(false).delete(path).then();
    }

    /** Creates a container of busybox with that command, a JSON array's content. */
    protected static String create(String name, String command) {
        return create(name, command, "{}");
    }

    protected static String create(String name, String command, String hostConfig) {
        return post(
                        "/containers/create?name=" + name,
                        "{\"Image\":\"busybox\",\"Cmd\":[" + command + "],\"HostConfig\":" + hostConfig + "}")
                .statusCode(201)
                .extract()
                .path("Id");
    }
}
