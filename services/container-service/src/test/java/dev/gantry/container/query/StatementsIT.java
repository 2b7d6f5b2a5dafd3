package dev.gantry.container.query;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import dev.gantry.container.fake.ServiceTest;
import dev.gantry.container.fake.Statements;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
class StatementsIT extends ServiceTest {
    @Inject
    Statements statements;

    @Test
    void inspecting_asks_the_database_once_by_id_name_and_beginning_of_the_id() {
        String id = create("asked", "\"sleep\"", "{\"Binds\":[\"data:/d\"]}");
        post("/containers/asked/start").statusCode(204);
        agent.awaitReported();

        for (String reference : List.of(id, "asked", id.substring(0, 12))) {
            assertCount(1, statements.of(() -> get("/containers/" + reference + "/json")
                    .statusCode(200)));
        }
    }

    @Test
    void listing_asks_the_database_once_however_many_there_are() {
        create("with-volume", "\"true\"", "{\"Binds\":[\"data:/d\"]}");
        create("without", "\"true\"");

        assertCount(1, statements.of(() -> get("/containers/json?all=1").body("", hasSize(2))));
        assertCount(1, statements.of(() -> get("/containers/json?limit=1").body("", hasSize(1))));
    }

    private static void assertCount(int expected, List<String> asked) {
        assertThat(String.join("\n", asked), asked, hasSize(expected));
    }

    /** Hosts, the reservation, the end; what image-service asks is beside it. */
    @Test
    void creating_asks_the_database_three_times() {
        List<String> asked =
                statements.of(() -> post("/containers/create", "{\"Image\":\"busybox\",\"Cmd\":[\"true\"]}")
                        .statusCode(201));

        assertCount(3, asked);
    }

    /** Two to begin, four for the host's answer or its report, whichever comes first, and at most three for the other. */
    @Test
    void starting_asks_the_database_at_most_nine_times() {
        Iterator<String> names = List.of(create("once", "\"sleep\""), create("again", "\"sleep\""))
                .iterator();

        List<String> asked = statements.of(() -> {
            post("/containers/" + names.next() + "/start").statusCode(204);
            agent.awaitReported();
        });

        assertThat(String.join("\n", asked), asked.size(), lessThanOrEqualTo(9));
    }

    @Test
    void stored_json_is_shown_byte_by_byte() {
        String id = create("stored", "\"sh\",\"-c\",\"echo  \\\\u00e9 \\\"x\\\"\"", "{\"Memory\":33554432}");
        String config = statements.ask("select config::text from container.containers where id = '" + id + "'");
        String host = statements.ask("select host_config::text from container.containers where id = '" + id + "'");

        String shown = get("/containers/" + id + "/json").extract().asString();

        assertThat(shown, containsString("\"HostConfig\":" + host + ","));
        assertThat(shown, containsString("\"Config\":" + config + ","));
        assertThat(config, containsString("{\"Hostname\":"));
    }

    @Test
    void what_another_replica_stored_is_shown_at_once() {
        String id = create("before", "\"true\"");
        get("/containers/" + id + "/json").body("Name", equalTo("/before"));
        get("/containers/json?all=1").body("[0].Names[0]", equalTo("/before"));

        // As another replica's rename does.
        statements.ask("update container.containers set name = 'after' where id = '" + id + "'");

        get("/containers/" + id + "/json").body("Name", equalTo("/after"));
        get("/containers/after/json").body("Id", equalTo(id));
        get("/containers/before/json").statusCode(404);
        get("/containers/json?all=1").body("[0].Names[0]", equalTo("/after"));
    }

    @Test
    void name_wins_over_the_beginning_of_an_id() {
        String first = create("some", "\"true\"");
        String second = create(first.substring(0, 10), "\"true\"");

        get("/containers/" + first.substring(0, 10) + "/json").body("Id", equalTo(second));
        get("/containers/" + first.substring(0, 11) + "/json").body("Id", equalTo(first));
        get("/containers/" + "0".repeat(64) + "/json").statusCode(404);
        delete("/containers/" + first.substring(0, 10)).statusCode(204);
        get("/containers/" + first + "/json").statusCode(200);
    }

    @Test
    void name_is_found_among_many_ids_that_begin_so() {
        String id = create("many", "\"sleep\"");
        String name = id.substring(0, 2);
        for (int i = 0; i < 5; i++) {
            statements.ask(
                    "insert into container.containers select (jsonb_populate_record(c, jsonb_build_object('id', '"
                            + name + ("" + i).repeat(62) + "', 'name', 'like-" + i
                            + "'))).* from container.containers c where id = '"
                            + id + "'");
        }
        String named = create(name, "\"sleep\"");

        get("/containers/" + name + "/json").body("Id", equalTo(named));
        post("/containers/" + name + "/start").statusCode(204);
        get("/containers/" + named + "/json").body("State.Running", equalTo(true));
        post("/containers/" + name + "/rename?name=renamed").statusCode(204);
        post("/containers/" + name + "/start").statusCode(400);
    }
}
