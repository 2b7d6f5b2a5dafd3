package dev.gantry.container.exec;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.gantry.container.fake.RawConnection;
import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ExecIT extends ServiceTest {
    @BeforeEach
    void running() {
        create("host", "\"sleep\"");
        post("/containers/host/start").statusCode(204);
    }

    private static String exec(String command) {
        return post("/containers/host/exec", "{\"AttachStdout\":true,\"Cmd\":[" + command + "]}")
                .statusCode(201)
                .extract()
                .path("Id");
    }

    private static void hasExited(String id, int code) {
        get("/exec/" + id + "/json").body("Running", equalTo(false)).body("ExitCode", equalTo(code));
    }

    @Test
    void stream_of_an_exec_is_joined() throws Exception {
        String id = exec("\"echo\",\"x\"");
        get("/exec/" + id + "/json")
                .body("Running", equalTo(false))
                .body("ExitCode", nullValue())
                .body("ProcessConfig.entrypoint", equalTo("echo"));

        try (RawConnection client = RawConnection.open()) {
            client.upgrade("POST", "/exec/" + id + "/start", "{\"Detach\":false}");
            assertThat(client.head(), startsWith("HTTP/1.1 101 UPGRADED"));
            assertThat(client.head(), containsString("application/vnd.docker.multiplexed-stream"));
            assertThat(client.rest(), containsString("exec"));
        }

        hasExited(id, 3);
        post("/exec/" + id + "/start", "{\"Detach\":true}").statusCode(409);
    }

    @Test
    void only_the_latest_of_very_many_execs_are_kept() throws Exception {
        String unused = exec("\"echo\"");
        String first = exec("\"echo\"");
        post("/exec/" + first + "/start", "{\"Detach\":true}").statusCode(200);
        eventually(
                "it has ended", () -> get("/exec/" + first + "/json").extract().path("ExitCode") != null);

        String last = first;
        for (int i = 0; i < OldExecs.KEPT; i++) {
            last = exec("\"echo\"");
            post("/exec/" + last + "/start", "{\"Detach\":true}").statusCode(200);
        }

        eventually(
                "the first is forgotten",
                () -> get("/exec/" + first + "/json").extract().statusCode() == 404);
        hasExited(last, 3);
        get("/exec/" + unused + "/json").statusCode(200);
        for (int i = 0; i < OldExecs.KEPT; i++) {
            exec("\"echo\"");
        }
        get("/exec/" + unused + "/json").statusCode(404);
    }

    @Test
    void exit_code_is_known_before_its_report() throws Exception {
        String id = exec("\"echo\"");
        agent.silent(true);
        try (RawConnection client = RawConnection.open()) {
            client.upgrade("POST", "/exec/" + id + "/start", "{\"Detach\":false}");
            assertThat(client.rest(), containsString("exec"));
        }

        hasExited(id, 3);
        agent.silent(false);
    }

    @Test
    void detached_exec_answers_at_once() throws InterruptedException {
        String id = exec("\"echo\"");

        post("/exec/" + id + "/start", "{\"Detach\":true}").statusCode(200);

        for (int i = 0; i < 100 && get("/exec/" + id + "/json").extract().path("ExitCode") == null; i++) {
            Thread.sleep(50);
        }
        hasExited(id, 3);
    }

    @Test
    void missing_program_is_told_in_the_stream() throws Exception {
        String id = exec("\"nosuch\"");

        try (RawConnection client = RawConnection.open()) {
            client.upgrade("POST", "/exec/" + id + "/start", "{\"Detach\":false}");
            assertThat(client.head(), startsWith("HTTP/1.1 101 UPGRADED"));
            assertThat(client.rest(), containsString("executable file not found in $PATH"));
        }
        hasExited(id, 126);

        String detached = exec("\"nosuch\"");
        post("/exec/" + detached + "/start", "{\"Detach\":true}").statusCode(400);
    }

    @Test
    void bad_execs_are_refused() {
        post("/containers/host/exec", "{}").statusCode(400).body("message", equalTo("No exec command specified"));
        post("/containers/host/exec", "{\"Cmd\":[\"x\"],\"DetachKeys\":\"zz\"}").statusCode(500);
        post("/exec/zz/start", "{}").statusCode(404).body("message", equalTo("No such exec instance: zz"));
        get("/exec/zz/json").statusCode(404);
        post("/containers/host/pause").statusCode(204);
        post("/containers/host/exec", "{\"Cmd\":[\"x\"]}")
                .statusCode(409)
                .body("message", equalTo("Container host is paused, unpause the container before exec"));
    }
}
