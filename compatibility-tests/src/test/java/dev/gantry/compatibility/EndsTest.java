package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an end of a container means to whoever waits for it, restarts it or is in its way. */
@EndpointTest
class EndsTest {
    @ParameterizedTest
    @CsvSource({"always,not-running", "unless-stopped,not-running", "always,next-exit", "on-failure:3,not-running"})
    void a_wait_is_answered_by_the_first_exit_whatever_the_policy(
            String policy, String condition, Docker docker, Engine engine) throws Exception {
        String name = docker.name("waited");
        docker.ok("run", "-d", "--restart", policy, "--name", name, Images.BUSYBOX, "sh", "-c", "sleep 1; exit 3");

        int exitCode = await(engine, "/containers/" + name + "/wait?condition=" + condition);

        assertEquals(3, exitCode);
    }

    @Test
    void a_wait_in_the_pause_between_is_answered_by_the_next_exit(Docker docker, Engine engine) throws Exception {
        String name = docker.name("waited");
        docker.ok("run", "-d", "--restart", "always", "--name", name, Images.BUSYBOX, "sh", "-c", "exit 3");
        Docker.await("it waits for a while", () -> restarts(docker, name) >= 3);

        assertEquals(3, await(engine, "/containers/" + name + "/wait"));
        assertEquals("3", docker.callWithin(60, "wait", name).text());
    }

    private static int await(Engine engine, String path) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            return CompletableFuture.supplyAsync(() -> engine.post(path).is(200), threads)
                    .get(60, TimeUnit.SECONDS)
                    .json()
                    .path("StatusCode")
                    .asInt();
        }
    }

    private static int restarts(Docker docker, String name) {
        return docker.inspect(name).path("RestartCount").asInt();
    }

    @Test
    void a_start_that_fails_is_no_exit(Docker docker, Engine engine) throws Exception {
        String name = docker.name("fails");
        docker.ok("create", "--name", name, Images.BUSYBOX, "nosuchprogram");
        Process waits = docker.start("wait", name);
        assertEquals("0", waits.inputReader().readLine(), "one that is only created does not run");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<Engine.Answer> next = CompletableFuture.supplyAsync(
                    () -> engine.post("/containers/" + name + "/wait?condition=next-exit"), threads);
            Docker.pause(1000);

            docker.call("start", name).exits(1).saysError("executable file not found");

            Docker.pause(1000);
            assertTrue(!next.isDone(), next::toString);
            docker.ok("rm", name);
            assertEquals(
                    127,
                    next.get(60, TimeUnit.SECONDS).json().path("StatusCode").asInt());
        }
    }

    @Test
    void with_rm_a_wait_for_the_removal_has_the_code_of_the_failed_start(Docker docker) throws Exception {
        String name = docker.name("fails");

        docker.call("run", "--rm", "--name", name, Images.BUSYBOX, "nosuchprogram")
                .exits(127);

        Docker.await("it is gone", () -> docker.call("inspect", name).exitCode() != 0);
    }

    @Test
    void one_with_rm_can_be_restarted_and_goes_with_its_own_end(Docker docker) {
        String name = docker.sleeping("restarted", "--rm");
        String id = docker.inspect(name).path("Id").asText();
        int pid = docker.inspect(name).at("/State/Pid").asInt();

        docker.ok("restart", "-t", "1", name);

        assertEquals(id, docker.inspect(name).path("Id").asText());
        assertEquals("running", docker.inspect(name).at("/State/Status").asText());
        assertNotEquals(pid, docker.inspect(name).at("/State/Pid").asInt());

        docker.ok("restart", "-t", "0", name);
        docker.ok("stop", "-t", "0", name);
        Docker.await("it is gone", () -> docker.call("inspect", name).exitCode() != 0);
    }

    @Test
    void one_with_rm_that_cannot_start_again_goes(Docker docker) {
        String name = docker.name("restarted");
        docker.ok("run", "-d", "--rm", "--name", name, Images.BUSYBOX, "/bin/sh", "-c", "rm /bin/sh; exec sleep 1000");
        Docker.await(
                "its program is gone",
                () -> docker.call("exec", name, "ls", "/bin/sh").exitCode() != 0);

        docker.call("restart", "-t", "0", name).exits(1);

        Docker.await("it is gone", () -> docker.call("inspect", name).exitCode() != 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?signal=TERM", "?signal=HUP", "?signal=9"})
    void a_kill_in_the_pause_between_ends_the_restarts(String signal, Docker docker, Engine engine) {
        String name = docker.name("killed");
        docker.ok("run", "-d", "--restart", "always", "--name", name, Images.BUSYBOX, "sh", "-c", "exit 3");
        Docker.await(
                "it waits for long",
                () -> restarts(docker, name) >= 4
                        && docker.inspect(name).at("/State/Status").asText().equals("restarting"));

        engine.post("/containers/" + name + "/kill" + signal).is(204);

        Docker.await(
                "it rests",
                () -> docker.inspect(name).at("/State/Status").asText().equals("exited"));
        assertEquals(3, docker.inspect(name).at("/State/ExitCode").asInt());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream=false", "stream=0", "stream=true"})
    void events_know_no_stream(String parameter, Docker docker, Engine engine) {
        String name = docker.sleeping("told");
        String filter = "&filters=%7B%22container%22%3A%5B%22" + name + "%22%5D%2C%22event%22%3A%5B%22kill%22%5D%7D";
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long now = System.currentTimeMillis() / 1000;
            CompletableFuture<String> told = CompletableFuture.supplyAsync(
                    () -> engine.get("/events?" + parameter + "&until=" + (now + 5) + filter)
                            .body(),
                    threads);
            Docker.pause(1000);
            docker.ok("kill", name);

            assertTrue(told.join().contains("\"Action\":\"kill\""), "it went on until the time that it was given");
        }
    }

    @Test
    void what_does_not_pause_cannot_go_on(Docker docker, Engine engine) {
        String name = docker.sleeping("runs");
        String id = docker.inspect(name).path("Id").asText();

        assertEquals(
                "Container " + id + " is not paused",
                engine.post("/containers/" + name + "/unpause").is(500).message());
    }
}
