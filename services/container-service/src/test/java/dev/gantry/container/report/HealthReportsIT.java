package dev.gantry.container.report;

import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.Test;

@QuarkusTest
class HealthReportsIT extends ServiceTest {
    private static final String CHECKED =
            "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"Healthcheck\":{\"Test\":[\"CMD\",\"x\"]}}";

    private ValidatableResponse listed(String health) {
        return get("/containers/json?all=1&filters=%7B%22health%22:%5B%22" + health + "%22%5D%7D");
    }

    @Test
    void what_the_host_finds_is_shown_until_the_end() {
        String id = post("/containers/create?name=checked", CHECKED)
                .statusCode(201)
                .extract()
                .path("Id");
        get("/containers/checked/json").body("State.Health", nullValue());
        listed("none").body("", hasSize(1));
        post("/containers/checked/start").statusCode(204);
        get("/containers/checked/json").body("State.Health.Status", equalTo("starting"));
        listed("starting").body("[0].Status", endsWith(" (health: starting)"));

        for (int i = 1; i <= 6; i++) {
            agent.check(id, "e" + i, "unhealthy", i, 3, "no " + i + "\0");
        }
        agent.awaitReported();

        get("/containers/checked/json")
                .body("State.Health.Status", equalTo("unhealthy"))
                .body("State.Health.FailingStreak", equalTo(6))
                .body("State.Health.Log", hasSize(5))
                .body("State.Health.Log[4].Output", equalTo("no 6\0"))
                .body("State.Health.Log[4].ExitCode", equalTo(3))
                .body("State.Health.Log[4].Start", equalTo("1970-01-01T00:00:00Z"));
        listed("unhealthy").body("[0].Status", endsWith(" (unhealthy)"));

        agent.check(id, "e7", "healthy", 0, 0, "");
        agent.awaitReported();
        listed("healthy").body("[0].Status", endsWith(" (healthy)"));
        post("/containers/checked/stop").statusCode(204);
        get("/containers/checked/json")
                .body("State.Health.Status", equalTo("unhealthy"))
                .body("State.Health.Log", hasSize(5));
        agent.check(id, "e8", "healthy", 0, 0, "late");
        agent.awaitReported();
        get("/containers/checked/json").body("State.Health.Status", equalTo("unhealthy"));
    }
}
