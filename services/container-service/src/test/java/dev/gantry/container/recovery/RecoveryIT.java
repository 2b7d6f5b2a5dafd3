package dev.gantry.container.recovery;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/** A crash is a row whose operation belongs to a replica that nobody is: 1 is never drawn twice in practice. */
@QuarkusTest
class RecoveryIT extends ServiceTest {
    @Inject
    Pool database;

    private void crashed(String id, String operation, String desired) {
        database.query("update container.containers set operation = '" + operation
                        + "', operation_owner = 1, operation_id = gen_random_uuid(), desired = '" + desired
                        + "', observed_sequence = observed_sequence where id = '" + id + "'")
                .executeAndAwait();
    }

    @Test
    void interrupted_creation_is_undone() throws Exception {
        String id = create("half", "\"true\"");
        crashed(id, "create", "created");
        get("/containers/half/json").statusCode(404);

        eventually("settled", () -> !agent.containers().containsKey(id));
        eventually("settled", () -> get("/containers/json?all=1")
                .extract()
                .jsonPath()
                .getList("")
                .isEmpty());
        create("half", "\"true\"");
    }

    @Test
    void interrupted_removal_is_finished() throws Exception {
        String id = create("gone", "\"true\"");
        crashed(id, "remove", "removed");

        eventually("settled", () -> get("/containers/gone/json").extract().statusCode() == 404);
        assertThat(agent.containers().keySet(), not(hasItem(id)));
    }

    @Test
    void interrupted_start_is_finished() throws Exception {
        String id = create("begun", "\"sleep\"");
        crashed(id, "start", "running");

        eventually("settled", () -> get("/containers/begun/json").extract().<Boolean>path("State.Running"));
        assertThat(agent.running(), hasItem(id));
    }

    @Test
    void removal_that_the_host_refuses_is_tried_again() throws Exception {
        create("stuck", "\"true\"");
        agent.breakVerb("delete");
        delete("/containers/stuck").statusCode(500);
        get("/containers/stuck/json").body("State.Status", equalTo("removing"));

        agent.mend();
        eventually("settled", () -> get("/containers/stuck/json").extract().statusCode() == 404);
    }

    @Test
    void container_with_rm_goes_although_the_service_heard_late() throws Exception {
        String id = create("late", "\"sleep\"", "{\"AutoRemove\":true}");
        post("/containers/late/start").statusCode(204);
        agent.silent(true);
        agent.end(id, 3, false);
        get("/containers/late/json").body("State.Running", equalTo(true));

        agent.silent(false);
        eventually("settled", () -> get("/containers/late/json").extract().statusCode() == 404);
    }

    @Test
    void agent_is_told_of_containers_that_nobody_knows() {
        String id = create("forgotten", "\"true\"");
        database.query("delete from container.containers where id = '" + id + "'")
                .executeAndAwait();

        assertThat(agent.register().removed(), hasItem(id));
        create("known", "\"true\"");
        agent.containers().remove(id);
        assertThat(agent.register().removed(), empty());
    }
}
