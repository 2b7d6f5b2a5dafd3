package dev.gantry.container.create;

import static io.restassured.RestAssured.given;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
class CreateIT extends ServiceTest {
    private static final String BODY = "{\"Image\":\"busybox\",\"Cmd\":[\"true\"]}";

    @Test
    void answer_has_a_long_id_and_no_warnings() {
        post("/containers/create", BODY)
                .statusCode(201)
                .body("Id", matchesPattern("[0-9a-f]{64}"))
                .body("Warnings", equalTo(List.of()));
        get("/containers/json?all=1").body("[0].Names[0]", matchesPattern("/[a-z]+_[a-z]+"));
    }

    @Test
    void taken_name_is_a_conflict_that_names_the_holder() {
        String id = create("ok1", "\"true\"");

        post("/containers/create?name=/ok1", BODY)
                .statusCode(409)
                .body(
                        "message",
                        equalTo("Conflict. The container name \"/ok1\" is already in use by container \"" + id
                                + "\". You have to remove (or rename) that container to be able to reuse that name."));
        assertThat(agent.containers().size(), equalTo(1));
    }

    @Test
    void bad_names_images_and_bodies_are_refused() {
        post("/containers/create?name=%20a", BODY)
                .statusCode(400)
                .body("message", equalTo("Invalid container name ( a), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"));
        post("/containers/create?name=a", BODY).statusCode(400);
        post("/containers/create", "{\"Image\":\"nosuch\",\"Cmd\":[\"x\"]}")
                .statusCode(404)
                .body("message", equalTo("No such image: nosuch:latest"));
        post("/containers/create", "{\"Image\":\"nothing\"}")
                .statusCode(400)
                .body("message", equalTo("no command specified"));
        post("/containers/create", "null")
                .statusCode(400)
                .body("message", equalTo("config cannot be empty in order to create a container"));
        post("/containers/create", "{\"Image\":\"busybox\",\"Memory\":\"x\",\"HostConfig\":{\"Memory\":\"x\"}}")
                .statusCode(400);
        assertThat(agent.containers().size(), equalTo(0));
    }

    @Test
    void limits_of_the_host_are_checked() {
        post("/containers/create", with("{\"NanoCpus\":100000000000}"))
                .statusCode(400)
                .body("message", equalTo("Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"));
        post("/containers/create", with("{\"CpusetCpus\":\"50\"}"))
                .statusCode(400)
                .body("message", equalTo("Requested CPUs are not available - requested 50, available: 0-1"));
        post("/containers/create", with("{\"Runtime\":\"zzz\"}")).statusCode(400);
    }

    private static String with(String hostConfig) {
        return "{\"Image\":\"busybox\",\"HostConfig\":" + hostConfig + "}";
    }

    @Test
    void published_ports_in_the_hosts_network_give_a_warning() {
        post(
                        "/containers/create",
                        with("{\"NetworkMode\":\"host\",\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"1\"}]}}"))
                .statusCode(201)
                .body("Warnings", contains("Published ports are discarded when using host network mode"));
    }

    @Test
    void what_is_asked_for_on_networks_is_checked_before_a_container_is_made() {
        endpoint("{\"MacAddress\":\"x\"}")
                .statusCode(400)
                .body("message", equalTo("invalid config for network bridge: invalid MAC address x"));
        endpoint("{\"Links\":[\"a:b:c\"]}").statusCode(500).body("message", equalTo("bad format for links: a:b:c"));
        // In the words of network-service.
        endpoint("{\"IPAMConfig\":{\"IPv4Address\":\"172.30.0.9\"}}")
                .statusCode(400)
                .body("message", equalTo("invalid config for network bridge"));
        assertThat(agent.containers().size(), equalTo(0));
    }

    @Test
    void endpoints_that_are_asked_for_are_shown_until_there_are_others() {
        String id = post(
                        "/containers/create",
                        "{\"Image\":\"busybox\",\"HostConfig\":{\"NetworkMode\":\"one\"},\"NetworkingConfig\":{"
                                + "\"EndpointsConfig\":{\"one\":{\"Aliases\":[\"x\"],\"DriverOpts\":{\"a\":\"b\"},\"GwPriority\":3},"
                                + "\"two\":{\"IPAMConfig\":{\"IPv4Address\":\"10.1.2.3\"}}}}}")
                .statusCode(201)
                .extract()
                .path("Id");

        String networks = "NetworkSettings.Networks";
        get("/containers/" + id + "/json")
                .body(networks + ".size()", equalTo(2))
                .body(networks + ".one.Aliases", equalTo(List.of("x")))
                .body(networks + ".one.DriverOpts.a", equalTo("b"))
                .body(networks + ".one.GwPriority", equalTo(3))
                .body(networks + ".two.IPAMConfig.IPv4Address", equalTo("10.1.2.3"))
                .body(networks + ".two.NetworkID", equalTo(""));
        assertThat(onNetwork("two"), equalTo(1));
        assertThat(onNetwork("bridge"), equalTo(0));
    }

    private static int onNetwork(String name) {
        return given().queryParam("all", 1)
                .queryParam("filters", "{\"network\":[\"" + name + "\"]}")
                .get("/containers/json")
                .then()
                .statusCode(200)
                .extract()
                .<List<?>>path("$")
                .size();
    }

    private static ValidatableResponse endpoint(String settings) {
        return post(
                "/containers/create",
                "{\"Image\":\"busybox\",\"NetworkingConfig\":{\"EndpointsConfig\":{\"bridge\":" + settings + "}}}");
    }

    @Test
    void missing_companions_are_refused() {
        post("/containers/create", with("{\"PidMode\":\"container:zz\"}"))
                .statusCode(400)
                .body("message", equalTo("No such container: zz"));
        post("/containers/create", with("{\"VolumesFrom\":[\"zz\"]}")).statusCode(400);
        post("/containers/create", with("{\"NetworkMode\":\"container:zz\"}")).statusCode(201);
    }

    @Test
    void image_and_request_are_merged() {
        String id = post(
                        "/containers/create?name=merged",
                        "{\"Image\":\"declared\",\"Cmd\":[\"-x\"],\"Labels\":{\"mine\":\"1\"}}")
                .statusCode(201)
                .extract()
                .path("Id");

        get("/containers/merged/json")
                .body("Path", equalTo("/serve"))
                .body("Args", contains("-x"))
                .body("Config.User", equalTo("www"))
                .body("Config.Hostname", equalTo(id.substring(0, 12)))
                .body("Config.Labels", equalTo(Map.of("from", "image", "mine", "1")))
                .body("Config.ExposedPorts", hasKey("80/tcp"))
                .body("Mounts[0].Destination", equalTo("/data"))
                .body("Mounts[0].Type", equalTo("volume"))
                .body("HostConfig.ShmSize", equalTo(67108864))
                .body("HostConfig.NetworkMode", equalTo("bridge"))
                .body("HostConfig.RestartPolicy.Name", equalTo("no"))
                .body("HostConfig.CgroupnsMode", equalTo("private"))
                .body("HostConfig.MaskedPaths", hasItem("/proc/kcore"))
                .body("State.StartedAt", equalTo("0001-01-01T00:00:00Z"));
        ContainerSpec spec = agent.containers().get(id);
        assertThat(spec.process().args(), contains("/serve", "-x"));
        assertThat(spec.process().user(), equalTo("www"));
    }

    @Test
    void creation_that_the_host_refuses_leaves_nothing() {
        agent.breakVerb("create");

        post("/containers/create?name=broken", "{\"Image\":\"declared\"}")
                .statusCode(500)
                .body("message", equalTo("create is broken"));

        get("/containers/json?all=1").body("", equalTo(List.of()));
        get("/volumes").body("Volumes", equalTo(List.of()));
        agent.mend();
        create("broken", "\"true\"");
        assertThat(agent.calls(), not(hasItem("start")));
    }
}
