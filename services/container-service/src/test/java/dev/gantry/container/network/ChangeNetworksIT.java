package dev.gantry.container.network;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import dev.gantry.container.fake.FakeNetworks;
import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** {@code docker network connect} and {@code disconnect}, with hosts that refuse, are away, or did half of it. */
@QuarkusTest
class ChangeNetworksIT extends ServiceTest {
    @Inject
    FakeNetworks networks;

    @Inject
    Pool database;

    @Test
    void running_container_takes_up_the_plan_with_one_more_network_and_with_one_less() {
        String id = started("cc");

        connect("cc", "net").statusCode(204);

        assertThat(networks("cc"), equalTo(Set.of("bridge", "net")));
        assertThat(planned(id), equalTo(List.of("bridge-ep", "net-ep")));
        assertThat(networks.kept().get(id), equalTo(List.of("bridge-id", "net-id")));
        connect("cc", "net")
                .statusCode(403)
                .body("message", equalTo("endpoint with name cc already exists in network net"));

        disconnect("cc", "bridge").statusCode(204);

        assertThat(networks("cc"), equalTo(Set.of("net")));
        assertThat(planned(id), equalTo(List.of("net-ep")));
        assertThat(networks.kept().get(id), equalTo(List.of("net-id")));
        disconnect("cc", "bridge")
                .statusCode(500)
                .body("message", equalTo("container " + id + " is not connected to network bridge"));
    }

    @Test
    void change_that_the_host_refuses_leaves_all_as_it_was() {
        String id = started("cc");
        agent.breakVerb("network");

        connect("cc", "net").statusCode(500).body("message", containsString("network is broken"));

        assertThat(networks("cc"), equalTo(Set.of("bridge")));
        assertThat(networks.kept().get(id), equalTo(List.of("bridge-id")));
        disconnect("cc", "bridge").statusCode(500);
        assertThat(networks("cc"), equalTo(Set.of("bridge")));
        agent.mend();
        connect("cc", "net").statusCode(204);
        assertThat(networks("cc"), equalTo(Set.of("bridge", "net")));
    }

    @Test
    void change_whose_host_is_away_is_made_when_it_is_back() throws Exception {
        String id = started("cc");
        agent.freeze(true);

        connect("cc", "net").statusCode(503);

        agent.freeze(false);
        eventually("the change is made", () -> networks("cc").equals(Set.of("bridge", "net")));
        assertThat(planned(id), equalTo(List.of("bridge-ep", "net-ep")));
    }

    @Test
    void change_that_a_crash_left_is_finished() throws Exception {
        String id = started("cc");
        database.query("update container.containers set endpoints = '{\"net\":{}}', operation = 'network',"
                        + " operation_owner = 1, operation_id = gen_random_uuid() where id = '" + id + "'")
                .executeAndAwait();

        eventually("the change is made", () -> networks("cc").equals(Set.of("net")));
        assertThat(planned(id), equalTo(List.of("net-ep")));
        assertThat(networks.kept().get(id), equalTo(List.of("net-id")));
    }

    @Test
    void container_that_does_not_run_has_its_networks_with_its_next_start() {
        String id = create("cc", "\"sleep\"");

        connect("cc", "net").statusCode(204);
        disconnect("cc", "bridge").statusCode(204);

        assertThat(networks("cc"), equalTo(Set.of("net")));
        assertThat(networks.told(), hasItem(id + " bridge-id"));
        assertThat(agent.calls(), not(hasItem("network " + id)));
        disconnect("cc", "bridge")
                .statusCode(500)
                .body("message", equalTo("container " + id + " is not connected to the network bridge"));
        disconnect("cc", "net").statusCode(204);
        post("/containers/cc/start").statusCode(204);
        assertThat(networks("cc"), equalTo(Set.of()));
    }

    @Test
    void container_that_has_ended_meanwhile_keeps_nothing() throws Exception {
        String id = started("cc");
        agent.silent(true);
        agent.end(id, 3, false);

        connect("cc", "net").statusCode(204);
        agent.silent(false);

        eventually(
                "its end is known", () -> get("/containers/cc/json").extract().<Integer>path("State.ExitCode") == 3);
        assertThat(networks("cc"), equalTo(Set.of("bridge", "net")));
        assertThat(get("/containers/cc/json").extract().path("NetworkSettings.Networks.net.IPAddress"), equalTo(""));
    }

    @Test
    void new_name_is_told_where_the_container_has_one() {
        String id = started("cc");
        post("/containers/cc/rename?name=dd").statusCode(204);
        assertThat(agent.calls(), not(hasItem("network " + id)));
        connect("dd", "net").statusCode(204);

        post("/containers/dd/rename?name=ee").statusCode(204);

        assertThat(agent.plans().get(id).endpoints().getLast().names(), equalTo(List.of("ee")));
        agent.breakVerb("network");
        post("/containers/ee/rename?name=ff").statusCode(204);
        get("/containers/ff/json").statusCode(200).body("Name", equalTo("/ff"));
    }

    @Test
    void what_cannot_be_together_is_refused() {
        started("cc");
        create("host", "\"sleep\"", "{\"NetworkMode\":\"host\"}");
        create("none", "\"sleep\"", "{\"NetworkMode\":\"none\"}");

        connect("nope", "nowhere").statusCode(404).body("message", equalTo("No such container: nope"));
        connect("cc", "nowhere").statusCode(404).body("message", equalTo("network nowhere not found"));
        disconnect("cc", "nowhere").statusCode(404).body("message", equalTo("network nowhere not found"));
        disconnect("cc", "nowhere", true)
                .statusCode(500)
                .body("message", endsWith(" is not connected to the network nowhere"));
        disconnect("none", "nowhere")
                .statusCode(500)
                .body("message", endsWith(" is not connected to the network nowhere"));
        post(path("cc") + "/connect", "{\"network\":\"net\",\"settings\":{\"NetworkID\":\"abc\"}}")
                .statusCode(404)
                .body("message", equalTo("network abc not found"));
        connect("cc", "host")
                .statusCode(400)
                .body(
                        "message",
                        equalTo("container cannot be disconnected from host network or connected to host network"));
        connect("cc", "none").statusCode(400);
        connect("none", "net")
                .statusCode(400)
                .body(
                        "message",
                        equalTo("container cannot be connected to multiple networks with one of the networks in private"
                                + " (none) mode"));
        connect("host", "net")
                .statusCode(400)
                .body(
                        "message",
                        equalTo("container sharing network namespace with another container or host cannot be connected"
                                + " to any other network"));
        assertThat(networks("cc"), equalTo(Set.of("bridge")));
    }

    @Test
    void network_that_is_no_more_can_be_left_and_does_not_stop_a_start_then() {
        create("cc", "\"sleep\"", "{\"NetworkMode\":\"gone\"}");
        post("/containers/cc/start").statusCode(404).body("message", equalTo("network gone not found"));

        disconnect("cc", "gone").statusCode(204);

        post("/containers/cc/start").statusCode(204);
        assertThat(networks("cc"), equalTo(Set.of()));
    }

    private static String started(String name) {
        String id = create(name, "\"sleep\"");
        post("/containers/" + name + "/start").statusCode(204);
        return id;
    }

    private static ValidatableResponse connect(String container, String network) {
        return post(path(container) + "/connect", "{\"network\":\"" + network + "\"}");
    }

    private static ValidatableResponse disconnect(String container, String network) {
        return post(path(container) + "/disconnect", "{\"network\":\"" + network + "\"}");
    }

    private static ValidatableResponse disconnect(String container, String network, boolean force) {
        return post(path(container) + "/disconnect", "{\"network\":\"" + network + "\",\"force\":" + force + "}");
    }

    private static String path(String container) {
        return "/internal/container-service/containers/" + container;
    }

    private static Set<String> networks(String container) {
        return get("/containers/" + container + "/json")
                .statusCode(200)
                .extract()
                .<Map<String, Object>>path("NetworkSettings.Networks")
                .keySet();
    }

    private List<String> planned(String id) {
        return agent.plans().get(id).endpoints().stream()
                .map(endpoint -> endpoint.endpointId())
                .toList();
    }
}
