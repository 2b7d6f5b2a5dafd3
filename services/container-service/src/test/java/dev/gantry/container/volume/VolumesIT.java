package dev.gantry.container.volume;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class VolumesIT extends ServiceTest {
    @AfterEach
    void removeVolumes() {
        for (String id : get("/containers/json?all=1").extract().jsonPath().<String>getList("Id")) {
            delete("/containers/" + id + "?force=1").statusCode(204);
        }
        for (String name : get("/volumes").extract().jsonPath().<String>getList("Volumes.Name")) {
            delete("/volumes/" + name).statusCode(204);
        }
    }

    @Test
    void named_volume_is_made_once() {
        post("/volumes/create", "{\"Name\":\"vv\",\"Labels\":{\"a\":\"b\"}}")
                .statusCode(201)
                .body("Name", equalTo("vv"))
                .body("Driver", equalTo("local"))
                .body("Scope", equalTo("local"))
                .body("Mountpoint", equalTo("/volumes/vv"))
                .body("Labels.a", equalTo("b"))
                .body("Options", nullValue())
                .body("CreatedAt", matchesPattern("....-..-..T..:..:..Z"));
        post("/volumes/create", "{\"Name\":\"vv\"}").statusCode(201).body("Labels.a", equalTo("b"));
        get("/volumes/vv").statusCode(200);
        get("/volumes").body("Volumes.Name", contains("vv")).body("Warnings", nullValue());
        delete("/volumes/vv").statusCode(204);
        get("/volumes/vv").statusCode(404).body("message", equalTo("get vv: no such volume"));
        assertThat(agent.volumes(), not(hasItem("vv")));
    }

    @Test
    void bad_requests_are_refused_as_dockerd_does() {
        post("/volumes/create", "{\"Name\":\"v\"}")
                .statusCode(400)
                .body(
                        "message",
                        equalTo(
                                "create v: volume name is too short, names should be at least two alphanumeric characters"));
        post("/volumes/create", "{\"Name\":\"v v\"}").statusCode(400);
        post("/volumes/create", "{\"Name\":\"../etc\"}").statusCode(400);
        post("/volumes/create", "{\"Name\":\"vopt\",\"DriverOpts\":{\"zz\":\"b\"}}")
                .statusCode(400)
                .body("message", equalTo("create vopt: invalid option: \"zz\""));
        post("/volumes/create", "{\"Driver\":\"zz\"}").statusCode(404);
        delete("/volumes/nosuch").statusCode(404);
        delete("/volumes/nosuch?force=1").statusCode(204);
        get("/volumes?filters=%7B%22zz%22:%5B%22a%22%5D%7D").statusCode(400);
        get("/volumes?filters=%7B")
                .statusCode(400)
                .body("message", equalTo("error reading volume filters: invalid filter"));
        get("/volumes?filters=%7B%22dangling%22:%5B%5D%7D")
                .statusCode(400)
                .body("message", equalTo("invalid filter 'dangling'"));
        post("/volumes/prune?filters=%7B%22all%22:%5B%22x%22%5D%7D")
                .statusCode(400)
                .body("message", equalTo("invalid filter 'all': strconv.ParseBool: parsing \"x\": invalid syntax"));
        post("/volumes/prune?filters=%7B%22all%22:%5B%22true%22,%22false%22%5D%7D")
                .statusCode(400)
                .body("message", equalTo("invalid filter 'all=[false true]': only one value is expected"));
    }

    @Test
    void volume_in_use_is_kept() {
        String id = create("user", "\"true\"", "{\"Binds\":[\"used:/x\"]}");

        delete("/volumes/used")
                .statusCode(409)
                .body("message", equalTo("remove used: volume is in use - [" + id + "]"));
        get("/volumes?filters=%7B%22dangling%22:%5B%22true%22%5D%7D").body("Volumes", equalTo(List.of()));
        get("/containers/user/json")
                .body("Mounts[0].Name", equalTo("used"))
                .body("Mounts[0].Source", equalTo("/volumes/used"))
                .body("Mounts[0].RW", equalTo(true));
        delete("/containers/user?v=1").statusCode(204);
        get("/volumes/used").statusCode(200);
    }

    @Test
    void anonymous_volume_goes_with_v_only() {
        create("keep", "\"true\"", "{\"Binds\":[\"/anon\"]}");
        delete("/containers/keep").statusCode(204);
        assertThat(agent.volumes().size(), equalTo(1));
        post("/volumes/prune").statusCode(200).body("VolumesDeleted.size()", equalTo(1));

        create("drop", "\"true\"", "{\"Binds\":[\"/anon\",\"named:/n\"]}");
        delete("/containers/drop?v=1").statusCode(204);
        assertThat(agent.volumes(), contains("named"));
    }

    @Test
    void anonymous_volume_shared_with_another_container_stays() {
        create("one", "\"true\"", "{\"Binds\":[\"/anon\"]}");
        create("two", "\"true\"", "{\"VolumesFrom\":[\"one\"]}");

        delete("/containers/one?v=1").statusCode(204);
        assertThat(agent.volumes().size(), equalTo(1));
        delete("/containers/two?v=1").statusCode(204);
        assertThat(agent.volumes().size(), equalTo(0));
    }

    @Test
    void nobody_else_knows_the_driver() {
        post(
                        "/containers/create",
                        "{\"Image\":\"busybox\",\"HostConfig\":{\"VolumeDriver\":\"zz\",\"Binds\":[\"xx:/y\"]}}")
                .statusCode(404)
                .body("message", containsString("error looking up volume plugin zz"));
    }
}
