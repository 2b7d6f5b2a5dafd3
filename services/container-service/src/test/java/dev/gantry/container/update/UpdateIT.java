package dev.gantry.container.update;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/** {@code docker update}, with hosts that refuse, are away, or did half of it. */
@QuarkusTest
class UpdateIT extends ServiceTest {
    private static final String MORE =
            "{\"Memory\":50000000,\"MemorySwap\":60000000,\"RestartPolicy\":{\"Name\":\"always\"}}";

    @Inject
    Pool database;

    private static int memory(String name) {
        return get("/containers/" + name + "/json").extract().path("HostConfig.Memory");
    }

    @Test
    void host_and_row_have_what_was_asked_for() {
        String id = create("up", "\"sleep\"");

        post("/containers/up/update", MORE).statusCode(200).body("Warnings", nullValue());

        assertThat(agent.limits(id).resources().memory(), equalTo(50_000_000L));
        assertThat(agent.limits(id).restart().policy(), equalTo("always"));
        get("/containers/up/json")
                .body("HostConfig.MemorySwap", equalTo(60_000_000))
                .body("HostConfig.RestartPolicy.Name", equalTo("always"));
        post("/containers/up/update", "").statusCode(200);
        assertThat(memory("up"), equalTo(50_000_000));
    }

    @Test
    void update_that_the_host_refuses_changes_nothing() {
        String id = create("up", "\"sleep\"");
        agent.breakVerb("limits");

        post("/containers/up/update", MORE)
                .statusCode(500)
                .body("message", equalTo("Cannot update container " + id + ": limits is broken"));

        assertThat(memory("up"), equalTo(0));
        agent.mend();
        post("/containers/up/update", MORE).statusCode(200);
        assertThat(memory("up"), equalTo(50_000_000));
    }

    @Test
    void update_whose_host_is_away_is_made_when_it_is_back() throws Exception {
        create("up", "\"sleep\"");
        agent.freeze(true);

        post("/containers/up/update", MORE).statusCode(503);

        agent.freeze(false);
        eventually("the update is made", () -> memory("up") == 50_000_000);
    }

    @Test
    void update_that_a_crash_left_is_finished() throws Exception {
        String id = create("up", "\"sleep\"");
        database.query("update container.containers set host_config_to_be = (replace(host_config::text, '\"Memory\":0',"
                        + " '\"Memory\":7000000'))::json, operation = 'update', operation_owner = 1,"
                        + " operation_id = gen_random_uuid() where id = '" + id + "'")
                .executeAndAwait();

        eventually("the update is made", () -> memory("up") == 7_000_000);
        assertThat(agent.limits(id).resources().memory(), equalTo(7_000_000L));
    }

    @Test
    void what_cannot_be_changed_is_told() {
        create("up", "\"sleep\"");

        post("/containers/up/update", "{\"Ulimits\":[{\"Name\":\"nofile\",\"Soft\":1,\"Hard\":1}]}")
                .statusCode(200)
                .body("Warnings[0]", equalTo("Ulimits of a container cannot be updated. It stays as it is."));
    }
}
