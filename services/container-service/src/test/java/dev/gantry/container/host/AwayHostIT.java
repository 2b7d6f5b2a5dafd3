package dev.gantry.container.host;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A host whose agent keeps its connections and does nothing. Whoever waits for it must hear of that. */
@QuarkusTest
class AwayHostIT extends ServiceTest {
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void thaw() {
        agent.freeze(false);
        http.close();
    }

    private CompletableFuture<HttpResponse<String>> send(String method, String path, String body) {
        URI uri = URI.create("http://127.0.0.1:" + RestAssured.port + path);
        return http.sendAsync(
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofMinutes(2))
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> answer(CompletableFuture<HttpResponse<String>> request) throws Exception {
        return request.get(2, TimeUnit.MINUTES);
    }

    private static String running(String name) {
        String id = create(name, "\"sleep\"");
        post("/containers/" + name + "/start").statusCode(204);
        return id;
    }

    private static String state(String name) {
        return get("/containers/" + name + "/json").extract().path("State.Status");
    }

    /** The recovery takes back, in its next round, what could not be taken back at once. */
    private static void eventuallyFree(String name) throws InterruptedException {
        eventually(
                name + " is free again",
                () -> post("/containers/create?name=" + name, "{\"Image\":\"busybox\"}")
                                .extract()
                                .statusCode()
                        == 201);
    }

    @Test
    void every_request_that_needs_the_host_is_answered_and_settled_when_it_is_back() throws Exception {
        for (String name : new String[] {"stop", "kill", "signal", "pause", "remove", "top", "logs", "attach"}) {
            running(name);
        }
        create("start", "\"sleep\"");
        running("execs");
        String exec = post("/containers/execs/exec", "{\"Cmd\":[\"sleep\"],\"AttachStdout\":true}")
                .statusCode(201)
                .extract()
                .path("Id");
        agent.freeze(true);

        Map<String, CompletableFuture<HttpResponse<String>>> asked = new LinkedHashMap<>();
        asked.put("start", send("POST", "/containers/start/start", ""));
        asked.put("create", send("POST", "/containers/create?name=new", "{\"Image\":\"busybox\",\"Cmd\":[\"true\"]}"));
        asked.put("stop", send("POST", "/containers/stop/stop", ""));
        asked.put("stop for ever", send("POST", "/containers/stop/stop?t=-1", ""));
        asked.put("kill", send("POST", "/containers/kill/kill", ""));
        asked.put("signal", send("POST", "/containers/signal/kill?signal=HUP", ""));
        asked.put("pause", send("POST", "/containers/pause/pause", ""));
        asked.put("remove", send("DELETE", "/containers/remove?force=1", ""));
        asked.put("top", send("GET", "/containers/top/top", ""));
        asked.put("logs", send("GET", "/containers/logs/logs?stdout=1&follow=1", ""));
        asked.put("attach", send("POST", "/containers/attach/attach?stream=1&stdout=1", ""));
        asked.put("exec", send("POST", "/exec/" + exec + "/start", "{}"));
        asked.put("resize", send("POST", "/containers/execs/resize?h=1&w=1", ""));

        for (Map.Entry<String, CompletableFuture<HttpResponse<String>>> one : asked.entrySet()) {
            HttpResponse<String> answer = answer(one.getValue());
            assertThat(one.getKey() + ": " + answer.body(), answer.statusCode(), equalTo(503));
        }
        HttpResponse<String> behind = answer(send("POST", "/containers/start/kill", ""));
        assertThat(behind.body(), behind.statusCode(), equalTo(503));

        agent.freeze(false);
        agent.register();
        eventually("started", () -> state("start").equals("running"));
        eventually("removed", () -> get("/containers/remove/json").extract().statusCode() == 404);
        post("/containers/stop/stop").statusCode(204);
        eventuallyFree("new");
    }

    /** A wait for the host ends in one patience; two of them one after the other take twice as long. */
    @Test
    void create_waits_once_for_a_host_that_does_not_answer() throws Exception {
        running("measure");
        agent.freeze(true);

        CompletableFuture<HttpResponse<String>> create =
                send("POST", "/containers/create?name=once", "{\"Image\":\"busybox\",\"Cmd\":[\"true\"]}");
        answer(send("GET", "/containers/measure/top", ""));
        answer(send("GET", "/containers/measure/top", ""));

        assertThat("the creation waited a second time", create.isDone(), equalTo(true));
        assertThat(answer(create).statusCode(), equalTo(503));
        agent.freeze(false);
        agent.register();
        eventuallyFree("once");
    }

    @Test
    void wait_ends_with_an_error_when_the_host_stays_away() throws Exception {
        running("awaited");
        CompletableFuture<HttpResponse<String>> wait = send("POST", "/containers/awaited/wait", "");
        CompletableFuture<HttpResponse<String>> removal =
                send("POST", "/containers/awaited/wait?condition=removed", "");

        agent.freeze(true);

        assertThat(answer(wait).body(), containsString("has not answered for"));
        assertThat(answer(wait).body(), containsString("\"StatusCode\":-1"));
        assertThat(answer(removal).body(), containsString("\"Error\""));
    }
}
