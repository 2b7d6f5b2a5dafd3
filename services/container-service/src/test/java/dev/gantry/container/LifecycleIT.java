package dev.gantry.container;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.gantry.container.fake.FakeNetworks;
import dev.gantry.container.fake.RawConnection;
import dev.gantry.container.fake.ServiceTest;
import dev.gantry.container.state.Changes;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
class LifecycleIT extends ServiceTest {
    @Inject
    FakeNetworks networks;

    @Inject
    Changes changes;

    @Test
    void container_is_created_started_waited_for_and_removed() {
        String id = create("one", "\"true\"");
        get("/containers/one/json").statusCode(200).body("State.Status", equalTo("created"));

        post("/containers/one/start").statusCode(204);
        post("/containers/one/wait").statusCode(200).body("StatusCode", equalTo(0));
        get("/containers/" + id + "/json")
                .body("State.Status", equalTo("exited"))
                .body("State.Running", equalTo(false));

        assertThat(agent.containers().keySet(), hasItem(id));
        delete("/containers/one").statusCode(204);
        get("/containers/one/json").statusCode(404).body("message", equalTo("No such container: one"));
        assertThat(agent.containers().keySet(), not(hasItem(id)));
    }

    @Test
    void exit_code_is_kept() {
        create("seven", "\"exit\",\"7\"");

        post("/containers/seven/start").statusCode(204);

        post("/containers/seven/wait").body("StatusCode", equalTo(7));
        get("/containers/json?all=1").body("[0].Status", startsWith("Exited (7) "));
    }

    @Test
    void running_container_is_stopped_started_again_and_killed() {
        String id = create("cc", "\"sleep\"");
        post("/containers/cc/stop").statusCode(304);
        post("/containers/cc/kill")
                .statusCode(409)
                .body("message", equalTo("cannot kill container: cc: container " + id + " is not running"));
        post("/containers/cc/start").statusCode(204);
        post("/containers/cc/start").statusCode(304);
        get("/containers/cc/json")
                .body("State.Running", equalTo(true))
                .body("State.Pid", equalTo(4711))
                .body("NetworkSettings.Networks.bridge.IPAddress", equalTo("172.30.0.2"));

        post("/containers/cc/stop?t=1").statusCode(204);
        get("/containers/cc/json")
                .body("State.Status", equalTo("exited"))
                .body("State.ExitCode", equalTo(143))
                .body("NetworkSettings.IPAddress", emptyString());

        post("/containers/cc/start").statusCode(204);
        post("/containers/cc/kill?signal=ZZ")
                .statusCode(400)
                .body("message", equalTo("cannot kill container: cc: invalid signal: ZZ"));
        post("/containers/cc/kill").statusCode(204);
        get("/containers/cc/json").body("State.ExitCode", equalTo(137));
    }

    @Test
    void paused_container_is_not_started_nor_removed() {
        String id = create("pp", "\"sleep\"");
        post("/containers/pp/pause").statusCode(409).body("message", equalTo("container " + id + " is not running"));
        post("/containers/pp/start").statusCode(204);

        post("/containers/pp/pause").statusCode(204);

        get("/containers/json").body("[0].State", equalTo("paused")).body("[0].Status", containsString("(Paused)"));
        get("/containers/pp/json").body("State.Running", equalTo(true)).body("State.Paused", equalTo(true));
        post("/containers/pp/start")
                .statusCode(409)
                .body("message", equalTo("cannot start a paused container, try unpause instead"));
        delete("/containers/pp").statusCode(409).body("message", containsString("is paused"));
        post("/containers/pp/unpause").statusCode(204);
        post("/containers/pp/unpause").statusCode(500);
    }

    @Test
    void restart_stops_and_starts() {
        create("rr", "\"sleep\"");
        post("/containers/rr/start").statusCode(204);
        String before = get("/containers/rr/json").extract().path("State.StartedAt");

        post("/containers/rr/restart?t=0").statusCode(204);

        get("/containers/rr/json").body("State.Running", equalTo(true)).body("State.StartedAt", not(equalTo(before)));
        post("/containers/rr/stop").statusCode(204);
        post("/containers/rr/restart").statusCode(204);
        get("/containers/rr/json").body("State.Running", equalTo(true));
    }

    @Test
    void missing_program_is_told_as_docker_does() {
        String id = create("no", "\"nosuch\"");

        post("/containers/no/start")
                .statusCode(400)
                .body("message", containsString("executable file not found in $PATH"));

        get("/containers/no/json")
                .body("State.Status", equalTo("created"))
                .body("State.ExitCode", equalTo(127))
                .body("State.Error", containsString("executable file not found"));
        assertThat(networks.connected(), not(hasItem(id)));
    }

    @Test
    void unknown_network_is_told_at_start() {
        create("nn", "\"true\"", "{\"NetworkMode\":\"nosuch\"}");

        post("/containers/nn/start").statusCode(404).body("message", equalTo("network nosuch not found"));

        get("/containers/nn/json").body("State.ExitCode", equalTo(128));
    }

    @Test
    void every_start_at_once_but_one_finds_it_running() {
        create("many", "\"sleep\"");

        long started = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> post("/containers/many/start").extract().statusCode()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .filter(status -> status == 204)
                .count();

        assertThat(started, equalTo(1L));
    }

    @Test
    void rename_is_seen_and_refused_when_taken() {
        String id = create("old", "\"true\"");
        create("other", "\"true\"");

        post("/containers/old/rename?name=other")
                .statusCode(409)
                .body(
                        "message",
                        startsWith(
                                "Error when allocating new name: Conflict. The container name \"/other\" is already in"
                                        + " use by"));
        post("/containers/old/rename")
                .statusCode(400)
                .body("message", equalTo("Neither old nor new names may be empty"));
        post("/containers/old/rename?name=%20")
                .statusCode(400)
                .body(
                        "message",
                        equalTo("Error when allocating new name: Invalid container name (/ ),"
                                + " only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"));
        post("/containers/old/rename?name=old").statusCode(400);

        post("/containers/old/rename?name=new").statusCode(204);
        get("/containers/new/json").body("Id", equalTo(id)).body("Name", equalTo("/new"));
        get("/containers/old/json").statusCode(404);
    }

    @Test
    void next_exit_is_waited_for_even_when_it_exited_before() throws Exception {
        create("nx", "\"sleep\"");
        post("/containers/nx/start").statusCode(204);
        post("/containers/nx/kill").statusCode(204);

        try (RawConnection wait = beginWait("nx", "next-exit")) {
            post("/containers/nx/start").statusCode(204);
            post("/containers/nx/stop").statusCode(204);

            assertThat(wait.chunk(), containsString("\"StatusCode\":143"));
        }
    }

    @Test
    void wait_for_removal_tells_the_exit_code() throws Exception {
        create("rm", "\"sleep\"", "{\"AutoRemove\":true}");
        try (RawConnection wait = beginWait("rm", "removed")) {
            post("/containers/rm/start").statusCode(204);
            agent.end(agent.running().iterator().next(), 9, false);

            assertThat(wait.chunk(), containsString("\"StatusCode\":9"));
        }
        get("/containers/rm/json").statusCode(404);
        post("/containers/rm/wait").statusCode(404).body("message", equalTo("No such container: rm"));
    }

    @Test
    void start_of_what_has_ended_and_is_removed_before_its_answer_succeeds() throws Exception {
        create("short", "\"true\", \"outlived\"", "{\"AutoRemove\":true}");
        CompletableFuture<Integer> start = CompletableFuture.supplyAsync(
                () -> post("/containers/short/start").extract().statusCode());
        eventually("removed", () -> get("/containers/short/json").extract().statusCode() == 404);

        agent.answerLate();

        assertThat(start.get(10, TimeUnit.SECONDS), equalTo(204));
    }

    /** The head of the answer says that the wait has begun. */
    private static RawConnection beginWait(String container, String condition) throws IOException {
        RawConnection wait = RawConnection.open();
        wait.send("POST", "/containers/" + container + "/wait?condition=" + condition, "");
        assertThat(wait.head(), startsWith("HTTP/1.1 200"));
        return wait;
    }

    @Test
    void top_and_resize_need_a_process() {
        String id = create("tt", "\"sleep\"");
        get("/containers/tt/top").statusCode(409).body("message", equalTo("container " + id + " is not running"));
        post("/containers/tt/resize?h=1&w=1").statusCode(409);
        post("/containers/tt/resize?h=x&w=1").statusCode(400);
        post("/containers/tt/start").statusCode(204);

        get("/containers/tt/top").statusCode(200).body("Processes[0][0]", equalTo("4711"));
        post("/containers/tt/resize?h=1&w=1").statusCode(200);
    }

    @Test
    void containers_that_do_not_exist_are_not_found() {
        for (String path : new String[] {"stats", "changes", "export", "archive?path=/", "attach/ws"}) {
            get("/containers/nosuch/" + path).statusCode(404).body("message", equalTo("No such container: nosuch"));
        }
        post("/containers/nosuch/update", "{}").statusCode(404);
        post("/commit?container=nosuch", "{}").statusCode(404);
        get("/containers/nosuch/archive").statusCode(400);
    }

    @Test
    void a_wait_ends_when_its_client_leaves() throws Exception {
        String id = create("left", "\"sleep\"");
        eventually("nothing of others", () -> changes.waiting() == 0);
        RawConnection client = RawConnection.open();
        client.send("POST", "/containers/left/wait?condition=removed", "");
        RawConnection service = RawConnection.open();
        service.send("POST", "/internal/container-service/containers/" + id + "/wait", "\"REMOVED\"");
        eventually("both wait", () -> changes.waiting() == 2);

        client.close();
        service.close();

        eventually("nobody waits", () -> changes.waiting() == 0);
    }
}
