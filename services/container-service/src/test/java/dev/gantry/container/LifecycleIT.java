package dev.gantry.container;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.gantry.container.fake.FakeNetworks;
import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

@QuarkusTest
class LifecycleIT extends ServiceTest {
    @Inject
    FakeNetworks networks;

    @Test
    void container_is_created_started_waited_for_and_removed() {
        String id = create("one", "\"true\"");
        get("/containers/one/json").statusCode(200).body("State.Status", equalTo("created"));

        post("/containers/one/start").statusCode(204);
        post("/containers/one/wait").statusCode(200).body("StatusCode", equalTo(0));
        get("/containers/" + id + "/json")
                .body("State.Status", equalTo("exited"))
                .body("State.Running", equalTo(false));

        assertThat(agent.containers().keySet(), hasItem(id));
        delete("/containers/one").statusCode(204);
        get("/containers/one/json").statusCode(404).body("message", equalTo("No such container: one"));
        assertThat(agent.containers().keySet(), not(hasItem(id)));
    }

    @Test
    void exit_code_is_kept() {
        create("seven", "\"exit\",\"7\"");

        post("/containers/seven/start").statusCode(204);

        post("/containers/seven/wait").body("StatusCode", equalTo(7));
        get("/containers/json?all=1").body("[0].Status", startsWith("Exited (7) "));
    }
}
