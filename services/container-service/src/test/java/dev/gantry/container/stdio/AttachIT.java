package dev.gantry.container.stdio;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.gantry.container.fake.RawConnection;
import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AttachIT extends ServiceTest {
    /** The sequence of {@code docker run --rm busybox hi}. */
    @Test
    void run_in_the_foreground() throws Exception {
        create("fore", "\"hi\"", "{\"AutoRemove\":true}");
        try (RawConnection attach = RawConnection.open();
                RawConnection wait = RawConnection.open()) {
            attach.upgrade("POST", "/containers/fore/attach?stream=1&stdout=1&stderr=1", "");
            assertThat(attach.head(), startsWith("HTTP/1.1 101 UPGRADED"));
            wait.send("POST", "/containers/fore/wait?condition=removed", "");
            assertThat(wait.head(), startsWith("HTTP/1.1 200"));
            CompletableFuture<String> result = CompletableFuture.supplyAsync(wait::chunk);

            post("/containers/fore/start").statusCode(204);

            assertThat(attach.rest(), containsString("hi\n"));
            assertThat(result.get(), containsString("\"StatusCode\":0"));
        }
        get("/containers/fore/json").statusCode(404);
    }

    @Test
    void what_a_client_sends_before_the_upgrade_reaches_the_container() throws Exception {
        String id = create("early", "\"sleep\"");
        byte[] early = new byte[1 << 20];
        new Random(5).nextBytes(early);
        try (RawConnection attach = RawConnection.open()) {
            attach.upgrade("POST", "/containers/early/attach?stream=1&stdin=1&stdout=1", "");
            attach.write(early);

            assertThat(attach.head(), startsWith("HTTP/1.1 101 UPGRADED"));
            for (int i = 0; i < 200 && agent.input(id).length < early.length; i++) {
                Thread.sleep(50);
            }
        }
        assertArrayEquals(early, agent.input(id));
    }

    @Test
    void attach_needs_a_container_and_valid_keys() {
        post("/containers/nosuch/attach").statusCode(404).body(equalTo("No such container: nosuch\r\n"));
        post("/containers/nosuch/attach?detachKeys=zzz")
                .statusCode(400)
                .body(equalTo("Invalid detach keys (zzz) provided\r\n"));
    }

    @Test
    void logs_are_passed_on() {
        create("logged", "\"true\"");

        get("/containers/logged/logs?stdout=1").statusCode(200).body(equalTo("logged\n"));
        get("/containers/logged/logs")
                .statusCode(400)
                .body("message", equalTo("Bad parameters: you must choose at least one stream"));
        get("/containers/logged/logs?stdout=1&since=zz").statusCode(400);
        get("/containers/nosuch/logs?stdout=1").statusCode(404);
        create("silent", "\"true\"", "{\"LogConfig\":{\"Type\":\"none\"}}");
        get("/containers/silent/logs?stdout=1").statusCode(501);
    }
}
