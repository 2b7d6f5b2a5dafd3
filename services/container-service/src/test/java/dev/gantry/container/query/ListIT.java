package dev.gantry.container.query;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import dev.gantry.container.fake.FakeImages;
import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ListIT extends ServiceTest {
    private String first;

    @BeforeEach
    void someContainers() {
        first = create("first", "\"sleep\"", "{\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"8080\"}]}}");
        create("second", "\"true\"", "{\"Binds\":[\"data:/d\"]}");
        post(
                        "/containers/create?name=third",
                        "{\"Image\":\"declared\",\"Labels\":{\"tier\":\"db\"},\"HostConfig\":{\"NetworkMode\":\"none\"}}")
                .statusCode(201);
        post("/containers/first/start").statusCode(204);
        post("/containers/second/start").statusCode(204);
        post("/containers/second/wait").statusCode(200);
    }

    private static ValidatableResponse filtered(String filters) {
        return get("/containers/json?all=1&filters="
                + URLEncoder.encode(filters.replace('\'', '"'), StandardCharsets.UTF_8));
    }

    @Test
    void only_running_ones_unless_asked() {
        get("/containers/json").body("Names.flatten()", contains("/first"));
        get("/containers/json?all=1").body("Names.flatten()", contains("/third", "/second", "/first"));
        get("/containers/json?limit=2").body("Names.flatten()", contains("/third", "/second"));
        get("/containers/json?limit=x").statusCode(400);
    }

    @Test
    void entry_has_dockers_shape() {
        get("/containers/json")
                .body("[0].Id", equalTo(first))
                .body("[0].Image", equalTo("busybox"))
                .body("[0].ImageID", equalTo(FakeImages.BUSYBOX))
                .body("[0].Command", equalTo("sleep"))
                .body("[0].State", equalTo("running"))
                .body("[0].Status", startsWith("Up "))
                .body("[0].Ports[0].PrivatePort", equalTo(80))
                .body("[0].Ports[0].PublicPort", equalTo(8080))
                .body("[0].Ports[0].Type", equalTo("tcp"))
                .body("[0].HostConfig.NetworkMode", equalTo("bridge"))
                .body("[0].NetworkSettings.Networks.bridge.NetworkID", equalTo("bridge-id"))
                .body("[0].SizeRw", equalTo(null));
        get("/containers/json?size=1").body("[0].SizeRw", equalTo(10)).body("[0].SizeRootFs", equalTo(20));
    }

    @Test
    void image_that_lost_its_name_is_shown_by_id() {
        filtered("{'name':['third']}").body("[0].Image", equalTo(FakeImages.DECLARED));
    }

    @Test
    void filters_choose() {
        filtered("{'status':['exited']}").body("Names.flatten()", contains("/second"));
        filtered("{'status':{'created':true,'running':true}}")
                .body("Names.flatten()", containsInAnyOrder("/third", "/first"));
        filtered("{'exited':['0']}").body("Names.flatten()", contains("/second"));
        filtered("{'label':['tier=db']}").body("Names.flatten()", contains("/third"));
        filtered("{'label':['from']}").body("Names.flatten()", contains("/third"));
        filtered("{'name':['^/fir']}").body("Names.flatten()", contains("/first"));
        filtered("{'id':['" + first.substring(0, 8) + "']}").body("Names.flatten()", contains("/first"));
        filtered("{'ancestor':['declared']}").body("Names.flatten()", contains("/third"));
        filtered("{'ancestor':['nosuch']}").body("", equalTo(List.of()));
        filtered("{'volume':['data']}").body("Names.flatten()", contains("/second"));
        filtered("{'volume':['/data']}").body("Names.flatten()", contains("/third"));
        filtered("{'network':['none']}").body("Names.flatten()", contains("/third"));
        filtered("{'publish':['8000-8100']}").body("Names.flatten()", contains("/first"));
        filtered("{'expose':['80/tcp']}").body("Names.flatten()", contains("/first"));
        filtered("{'before':['second']}").body("Names.flatten()", contains("/first"));
        filtered("{'since':['second']}").body("Names.flatten()", contains("/third"));
        filtered("{'health':['none']}").body("Names.flatten()", hasSize(3));
        filtered("{'network':['']}").body("Names.flatten()", hasSize(3));
        filtered("{'label':{'tier=db':false}}").body("Names.flatten()", contains("/third"));
        filtered("{'label':{'nosuch':false}}").body("", equalTo(List.of()));
        for (String key : List.of("network", "volume", "ancestor")) {
            filtered("{'" + key + "':[]}").body("", equalTo(List.of()));
        }
        for (String key : List.of("name", "status", "label", "publish")) {
            filtered("{'" + key + "':[]}").body("Names.flatten()", hasSize(3));
        }
    }

    @Test
    void bad_filters_are_refused() {
        filtered("{'zz':['a']}").statusCode(400).body("message", equalTo("invalid filter 'zz'"));
        filtered("{'status':['a']}").statusCode(400).body("message", equalTo("invalid filter 'status=a'"));
        filtered("{'exited':['a']}").statusCode(400);
        filtered("{'health':['a']}").statusCode(400);
        filtered("{'publish':['a']}")
                .statusCode(500)
                .body(
                        "message",
                        equalTo(
                                "error while looking up for publish a: strconv.ParseUint: parsing \"a\": invalid syntax"));
        filtered("{'is-task':[]}").statusCode(400).body("message", equalTo("invalid filter 'is-task'"));
        filtered("{'before':['nosuch']}").statusCode(404);
        filtered("zz").statusCode(400);
    }

    @Test
    void beginning_of_an_id_must_be_unambiguous() {
        get("/containers/" + first.substring(0, 12) + "/json").body("Id", equalTo(first));
        get("/containers/%2Ffirst/json").body("Id", equalTo(first));
        for (int i = 0; i < 17; i++) {
            create("x" + i, "\"true\"");
        }
        String clash = get("/containers/json?all=1").extract().jsonPath().<String>getList("Id").stream()
                .map(id -> id.substring(0, 1))
                .collect(Collectors.groupingBy(c -> c, Collectors.counting()))
                .entrySet()
                .stream()
                .filter(entry -> entry.getValue() > 1)
                .findFirst()
                .orElseThrow()
                .getKey();
        get("/containers/" + clash + "/json")
                .statusCode(400)
                .body("message", equalTo("Multiple IDs found with provided prefix: " + clash));
    }

    @Test
    void other_services_learn_who_uses_what() {
        get("/internal/container-service/containers/counts")
                .body("running", equalTo(1))
                .body("stopped", equalTo(2));
        get("/internal/container-service/containers/using-image?id=" + FakeImages.DECLARED)
                .body("name", contains("third"))
                .body("[0].running", equalTo(false));
    }
}
