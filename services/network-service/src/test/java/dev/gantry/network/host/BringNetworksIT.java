package dev.gantry.network.host;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.network.TestHosts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class BringNetworksIT {
    private static final String BRING = "/internal/network-service/hosts/" + TestHosts.HOST + "/networks";

    @Inject
    TestHosts hosts;

    @Inject
    ObjectMapper json;

    private final Map<String, NetworkState> put = new ConcurrentHashMap<>();
    private volatile AgentFailure refusal;
    private HttpServer agent;

    @BeforeEach
    void listen() throws IOException {
        agent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        agent.createContext("/v1/networks/", exchange -> {
            byte[] answer;
            if (refusal == null) {
                NetworkState state = json.readValue(exchange.getRequestBody().readAllBytes(), NetworkState.class);
                put.put(exchange.getRequestMethod() + " " + exchange.getRequestURI(), state);
                answer = json.writeValueAsBytes(new NetworkState.Kept(state.version()));
            } else {
                answer = json.writeValueAsBytes(refusal.body());
            }
            exchange.sendResponseHeaders(refusal == null ? 200 : refusal.code().status(), answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        agent.start();
        hosts.listensAt("http://127.0.0.1:" + agent.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        agent.stop(0);
        hosts.listensAt("unix:///nowhere");
    }

    @Test
    void a_host_is_told_all_of_a_network() {
        String bridge = id("bridge");

        given().contentType("application/json")
                .body(List.of(bridge))
                .post(BRING)
                .then()
                .statusCode(204);

        assertEquals(
                Map.of(
                        "PUT /v1/networks/" + bridge,
                        new NetworkState(
                                bridge,
                                1,
                                new NetworkState.Bridge("gantry0", 1500, true, true, false, true),
                                List.of(new NetworkState.Subnet("172.19.0.0/16", "172.19.0.1")),
                                List.of(),
                                List.of())),
                put);
    }

    @Test
    void networks_without_a_place_on_the_host_are_passed_over() {
        given().contentType("application/json")
                .body(List.of(id("host"), "f".repeat(64)))
                .post(BRING)
                .then()
                .statusCode(204);

        assertEquals(Map.of(), put);
    }

    @Test
    void refusal_of_the_host_is_told_in_its_words() {
        refusal = new AgentFailure(AgentFailure.Code.NOT_SUPPORTED, "this host has no bridges");

        given().contentType("application/json")
                .body(List.of(id("bridge")))
                .post(BRING)
                .then()
                .statusCode(500)
                .body("message", equalTo("this host has no bridges"));
    }

    @Test
    void host_that_is_away_or_unknown_is_told() {
        agent.stop(0);

        given().contentType("application/json")
                .body(List.of(id("bridge")))
                .post(BRING)
                .then()
                .statusCode(503)
                .body("message", containsString("agent"));
        given().contentType("application/json")
                .body(List.of(id("bridge")))
                .post("/internal/network-service/hosts/nowhere/networks")
                .then()
                .statusCode(404);
    }

    private static String id(String name) {
        return given().get("/networks/" + name).path("Id");
    }
}
