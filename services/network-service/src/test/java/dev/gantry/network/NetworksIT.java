package dev.gantry.network;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesRegex;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.embedded.testing.EmbeddedServices;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class NetworksIT {
    @Test
    void a_registered_host_has_the_predefined_networks() {
        assertEquals(
                Set.of("bridge", "host", "none"),
                Set.copyOf(given().get("/networks").path("Name")));
    }

    @Test
    void inspect_shows_what_dockerd_shows() {
        given().get("/networks/bridge")
                .then()
                .statusCode(200)
                .body("Id", matchesRegex("[0-9a-f]{64}"))
                .body("Scope", equalTo("local"))
                .body("Driver", equalTo("bridge"))
                .body("EnableIPv4", equalTo(true))
                .body("EnableIPv6", equalTo(false))
                .body("IPAM.Driver", equalTo("default"))
                .body("IPAM.Config[0].Subnet", equalTo("172.19.0.0/16"))
                .body("IPAM.Config[0].Gateway", equalTo("172.19.0.1"))
                .body("Options['com.docker.network.bridge.name']", equalTo("gantry0"))
                .body("ConfigFrom.Network", equalTo(""))
                .body("Created", matchesRegex("\\d{4}-\\d\\d-\\d\\dT.*Z"));
        given().get("/networks/none").then().body("Driver", equalTo("null")).body("IPAM.Config", nullValue());
    }

    @Test
    void network_is_found_by_id_and_by_its_beginning() {
        String id = given().get("/networks/bridge").path("Id");

        given().get("/networks/" + id).then().body("Name", equalTo("bridge"));
        given().get("/networks/" + id.substring(0, 12)).then().body("Name", equalTo("bridge"));
    }

    @Test
    void unknown_network_is_not_found() {
        given().get("/networks/nowhere").then().statusCode(404).body("message", equalTo("network nowhere not found"));
        given().queryParam("scope", "swarm").get("/networks/bridge").then().statusCode(404);
        given().get("/networks/%25").then().statusCode(404);
    }

    @Test
    void list_is_filtered() {
        assertEquals(Set.of("host"), names("{\"driver\":[\"host\"]}"));
        assertEquals(Set.of("bridge", "none"), names("{\"name\":[\"^br\",\"one\"]}"));
        assertEquals(Set.of("bridge", "host", "none"), names("{\"type\":{\"builtin\":true}}"));
        assertEquals(Set.of(), names("{\"type\":[\"custom\"]}"));
        assertEquals(Set.of(), names("{\"type\":[]}"));
        assertEquals(Set.of("bridge", "host", "none"), names("{\"name\":[],\"driver\":[],\"dangling\":[]}"));
        assertEquals(Set.of(), names("{\"label\":{\"x\":false}}"));
        assertEquals(Set.of(), names("{\"dangling\":[\"true\"]}"));
        assertEquals(Set.of(), names("{\"label\":[\"a=b\"]}"));
        refused("{\"bogus\":[\"x\"]}", "invalid filter 'bogus'");
        given().queryParam("filters", "{\"type\":[\"x\"]}")
                .get("/networks")
                .then()
                .statusCode(500)
                .body("message", equalTo("invalid filter: 'type'='x'"));
        refused("{", "invalid filter");
        for (String word : List.of("x", "t", "True", "")) {
            refused(
                    "{\"dangling\":[\"" + word + "\"]}",
                    "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or \"0\")");
        }
        refused("{\"dangling\":[\"1\",\"0\"]}", "got more than one value for filter key \"dangling\"");
    }

    @Test
    void predefined_networks_stay() {
        given().delete("/networks/bridge")
                .then()
                .statusCode(403)
                .body("message", equalTo("bridge is a pre-defined network and cannot be removed"));
        given().contentType("application/json")
                .body("{\"Name\":\"host\"}")
                .post("/networks/create")
                .then()
                .statusCode(403)
                .body("message", equalTo("operation is not permitted on predefined host network "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"connect", "disconnect"})
    void body_that_names_no_container_is_refused(String verb) {
        for (String body : List.of("", "null", "{}", "{\"Container\":\"\"}")) {
            changed(verb, body, 400, "invalid name or ID supplied: \"\"");
        }
        changed(verb, "{\"Container\":3}", 400, "invalid JSON: json: cannot unmarshal number");
        changed(verb, "[]", 400, "invalid JSON: json: cannot unmarshal array");
        changed(verb, "{\"Container\":\"x\\u0000\"}", 400, "invalid JSON: a string contains a NUL character");
        changed(verb, "{\"Container\":\"nope\"}", 404, "No such container: nope");
    }

    @Test
    void force_takes_an_endpoint_whose_container_nobody_knows() {
        changed("disconnect", "{\"Container\":\"nope\",\"Force\":true}", 404, "endpoint nope not found");
    }

    private static void changed(String verb, String body, int status, String message) {
        given().contentType("application/json")
                .body(body)
                .post("/networks/bridge/" + verb)
                .then()
                .statusCode(status)
                .body("message", startsWith(message));
    }

    private static Set<String> names(String filters) {
        return Set.copyOf(given().queryParam("filters", filters)
                .get("/networks")
                .then()
                .statusCode(200)
                .extract()
                .<List<String>>path("Name"));
    }

    private static void refused(String filters, String message) {
        given().queryParam("filters", filters)
                .get("/networks")
                .then()
                .statusCode(400)
                .body("message", equalTo(message));
    }
}
