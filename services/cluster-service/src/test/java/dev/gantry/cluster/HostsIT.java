package dev.gantry.cluster;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.embedded.testing.EmbeddedServices;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Registration and placement over HTTP. */
@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class HostsIT {
    private static final String HOSTS = "/internal/cluster-service/hosts";

    @Inject
    Pool database;

    @Inject
    TestContainers containers;

    @AfterEach
    void forgetHosts() {
        sql("delete from cluster.hosts");
    }

    @Test
    void a_host_is_known_when_its_agent_has_registered() throws Exception {
        given().get(HOSTS + "/h1").then().statusCode(404).body("message", equalTo("No such host: h1"));

        register("h1", "unix:///run/one.sock");
        register("h1", "unix:///run/other.sock");

        given().get(HOSTS + "/h1")
                .then()
                .statusCode(200)
                .body("description.address", equalTo("unix:///run/other.sock"))
                .body("reachable", equalTo(true));
        given().get(HOSTS).then().body("description.id", containsInAnyOrder("h1"));
    }

    @Test
    void a_host_that_is_not_heard_of_is_not_reachable_and_gets_no_container() throws Exception {
        register("h1", "unix:///run/one.sock");
        register("h2", "unix:///run/two.sock");
        sql("update cluster.hosts set last_seen = now() - interval '1 minute' where id = 'h1'");

        given().get(HOSTS + "/h1").then().body("reachable", equalTo(false));
        place("[]").body("description.id", equalTo("h2"));
        place("[\"h1\"]").statusCode(503).body("message", containsString("no host is reachable"));
    }

    @Test
    void a_container_goes_to_the_least_loaded_host_or_to_the_one_that_it_is_tied_to() throws Exception {
        register("h1", "unix:///run/one.sock");
        register("h2", "unix:///run/two.sock");
        containers.run("h1", 3);
        containers.run("h2", 2);

        place("[]").body("description.id", equalTo("h2"));
        place("[\"h1\"]").body("description.id", equalTo("h1"));
        place("[\"h1\",\"h2\"]").statusCode(409);
    }

    @Test
    void a_first_host_is_waited_for() throws Exception {
        Thread agent = Thread.ofVirtual().start(() -> {
            try {
                register("h1", "unix:///run/one.sock");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });

        place("[]").statusCode(200).body("description.id", equalTo("h1"));
        agent.join();
    }

    @Test
    void a_host_describes_itself_under_its_own_id() {
        given().contentType("application/json")
                .body("{\"id\":\"h2\"}")
                .put(HOSTS + "/h1")
                .then()
                .statusCode(400);
    }

    private static void register(String id, String address) throws Exception {
        String answer = new TestAgent(id, "http://127.0.0.1:" + RestAssured.port, null).register(address);
        assertEquals("204", answer);
    }

    private static ValidatableResponse place(String tied) {
        return given().contentType("application/json")
                .body(tied)
                .post(HOSTS + "/place")
                .then();
    }

    private void sql(String statement) {
        database.query(statement).execute().await().atMost(Duration.ofSeconds(20));
    }
}
