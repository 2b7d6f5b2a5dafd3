package dev.gantry.container.files;

import static io.restassured.RestAssured.given;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class CopyIT extends ServiceTest {
    private static final String STAT = "X-Docker-Container-Path-Stat";

    @BeforeEach
    void makeContainer() {
        create("copied", "\"true\"");
    }

    private static ValidatableResponse put(String query, byte[] body) {
        return given().urlEncodingEnabled(false)
                .contentType("application/x-tar")
                .body(body)
                .put("/containers/copied/archive?" + query)
                .then();
    }

    @Test
    void what_a_file_is_goes_into_a_header() {
        String stat = given().head("/containers/copied/archive?path=/f")
                .then()
                .statusCode(200)
                .extract()
                .header(STAT);

        assertEquals(
                "{\"name\":\"f\",\"size\":3,\"mode\":420,\"mtime\":\"2026-01-01T00:00:00Z\",\"linkTarget\":\"\"}",
                new String(Base64.getDecoder().decode(stat), StandardCharsets.UTF_8));
        given().head("/containers/copied/archive?path=/nosuch").then().statusCode(404);
    }

    @Test
    void archives_pass_through() {
        get("/containers/copied/archive?path=/a%20b%26c%3Fd")
                .statusCode(200)
                .header(STAT, equalTo("c3RhdA=="))
                .contentType("application/x-tar")
                .body(equalTo("archive of /a b&c?d"));

        put("path=/d&noOverwriteDirNonDir=1&copyUIDGID=true", new byte[3_000_000])
                .statusCode(200);
        assertThat(agent.calls(), hasItem("unpacked 3000000 path=%2Fd&noOverwriteDirNonDir=true&copyUIDGID=true"));
        get("/containers/copied/export").statusCode(200).body(equalTo("exported"));
        get("/containers/copied/changes").statusCode(200).body(equalTo("null\n"));
    }

    @Test
    void what_is_not_there_is_called_as_it_was_asked_for() {
        String message = "Could not find the file /nosuch in container copied";
        get("/containers/copied/archive?path=/nosuch").statusCode(404).body("message", equalTo(message));
        put("path=/nosuch", new byte[10]).statusCode(404).body("message", equalTo(message));
        get("/containers/nosuch/archive?path=/nosuch")
                .statusCode(404)
                .body("message", equalTo("No such container: nosuch"));
        put("path=", new byte[10]).statusCode(400);
    }

    @Test
    void a_host_that_refuses_in_the_midst_of_an_archive_is_heard() {
        for (int i = 0; i < 5; i++) {
            put("path=/full", new byte[5_000_000])
                    .statusCode(500)
                    .body("message", equalTo("open /full/x: no space left on device"));
        }
        put("path=/d", new byte[10]).statusCode(200);
    }
}
