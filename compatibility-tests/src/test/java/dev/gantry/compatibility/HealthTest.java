package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.ComposeProject;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Health checks: {@code docker run --health-cmd} and what images have of them. */
@EndpointTest
class HealthTest {
    private static String status(Docker docker, String name) {
        return docker.inspect(name).at("/State/Health/Status").asText();
    }

    private static JsonNode health(Docker docker, String name) {
        return docker.inspect(name).at("/State/Health");
    }

    private static String shown(Docker docker, String name) {
        return docker.ok("ps", "-a", "--filter", "name=" + name, "--format", "{{.Status}}");
    }

    private static List<String> listed(Docker docker, String health) {
        return docker.call(
                        "ps",
                        "--filter",
                        "health=" + health,
                        "--filter",
                        "name=" + docker.name(""),
                        "--format",
                        "{{.Names}}")
                .lines();
    }

    private static void awaitStatus(Docker docker, String name, String status) {
        Docker.await("status of " + name, status, () -> status(docker, name));
    }

    @Test
    void status_follows_the_command(Docker docker) {
        String name = docker.sleeping(
                "follows", "--health-cmd", "test -e /tmp/well", "--health-interval", "1s", "--health-retries", "2");
        assertEquals("starting", status(docker, name));
        assertTrue(shown(docker, name).endsWith(" (health: starting)"), shown(docker, name));
        assertEquals(List.of(name), listed(docker, "starting"));

        awaitStatus(docker, name, "unhealthy");
        assertTrue(health(docker, name).path("FailingStreak").asInt() >= 2);
        assertTrue(shown(docker, name).endsWith(" (unhealthy)"), shown(docker, name));
        assertEquals(List.of(name), listed(docker, "unhealthy"));

        docker.ok("exec", name, "touch", "/tmp/well");
        awaitStatus(docker, name, "healthy");
        assertEquals(0, health(docker, name).path("FailingStreak").asInt());
        assertTrue(shown(docker, name).endsWith(" (healthy)"), shown(docker, name));
        assertEquals(List.of(name), listed(docker, "healthy"));
        assertEquals(List.of(), listed(docker, "none"));
    }

    @Test
    void the_last_five_results_are_kept(Docker docker) {
        String name = docker.sleeping("five", "--health-cmd", "echo out; exit 3", "--health-interval", "100ms");
        Docker.await(
                "there are more than five",
                () -> health(docker, name).path("FailingStreak").asInt() > 6);

        JsonNode log = health(docker, name).path("Log");
        assertEquals(5, log.size());
        String last = "";
        for (JsonNode result : log) {
            assertEquals(3, result.path("ExitCode").asInt());
            assertEquals("out\n", result.path("Output").asText());
            assertTrue(result.path("Start").asText().compareTo(last) > 0, log.toString());
            assertTrue(
                    result.path("End").asText().compareTo(result.path("Start").asText()) > 0, log.toString());
            last = result.path("Start").asText();
        }
    }

    @Test
    void output_is_cut_and_what_is_no_text_replaced(Docker docker) {
        String flood =
                docker.sleeping("flood", "--health-cmd", "yes | head -c 3000000; exit 0", "--health-interval", "1s");
        String odd = docker.sleeping("odd", "--health-cmd", "printf 'a\\377b\\000c'", "--health-interval", "1s");
        awaitStatus(docker, flood, "healthy");
        awaitStatus(docker, odd, "healthy");

        assertEquals(
                "y\n".repeat(2048) + "...",
                health(docker, flood).at("/Log/0/Output").asText());
        assertEquals("a\ufffdb\0c", health(docker, odd).at("/Log/0/Output").asText());
    }

    @Test
    void a_check_that_takes_too_long_is_ended_with_what_it_started(Docker docker) {
        String name = docker.sleeping(
                "late",
                "--health-cmd",
                "echo begun; sleep 4321",
                "--health-interval",
                "1s",
                "--health-timeout",
                "1s",
                "--health-retries",
                "1");
        awaitStatus(docker, name, "unhealthy");

        JsonNode result = health(docker, name).at("/Log/0");
        assertEquals(-1, result.path("ExitCode").asInt());
        assertEquals(
                "Health check exceeded timeout (1s): begun\n",
                result.path("Output").asText());
        Docker.await("only the next one runs", () -> docker.ok("top", name).split("sleep 4321", -1).length <= 3);
    }

    @Test
    void a_command_that_is_not_there_fails(Docker docker, Engine engine) {
        String name =
                created(docker, engine, "missing", "{'Test':['CMD','not-there'],'Interval':1000000000,'Retries':1}");
        docker.ok("start", name);
        awaitStatus(docker, name, "unhealthy");

        JsonNode result = health(docker, name).at("/Log/0");
        assertEquals(-1, result.path("ExitCode").asInt());
        assertEquals(
                "OCI runtime exec failed: exec failed: unable to start container process: exec: \"not-there\":"
                        + " executable file not found in $PATH: unknown",
                result.path("Output").asText());
    }

    @Test
    void runs_as_the_containers_user_with_its_environment_and_directory(Docker docker) {
        String name = docker.sleeping(
                "as",
                "-u",
                "12:34",
                "-w",
                "/tmp",
                "-e",
                "COLOUR=blue",
                "--hostname",
                "box",
                "--health-cmd",
                "id -u; id -g; pwd; echo $COLOUR; hostname",
                "--health-interval",
                "1s");
        awaitStatus(docker, name, "healthy");

        assertEquals(
                "12\n34\n/tmp\nblue\nbox\n",
                health(docker, name).at("/Log/0/Output").asText());
    }

    @Test
    void failures_do_not_count_in_the_start_period(Docker docker) {
        String name = docker.sleeping(
                "period",
                "--health-cmd",
                "exit 1",
                "--health-interval",
                "1s",
                "--health-start-period",
                "5m",
                "--health-start-interval",
                "1s",
                "--health-retries",
                "1");
        Docker.await(
                "it has been checked", () -> health(docker, name).path("Log").size() >= 3);

        assertEquals("starting", status(docker, name));
        assertEquals(0, health(docker, name).path("FailingStreak").asInt());
    }

    @Test
    void the_start_interval_is_for_the_start_period(Docker docker) {
        String name = docker.sleeping(
                "often",
                "--health-cmd",
                "true",
                "--health-interval",
                "10m",
                "--health-start-period",
                "5m",
                "--health-start-interval",
                "1s");

        awaitStatus(docker, name, "healthy");

        Docker.pause(2500);
        assertEquals(1, health(docker, name).path("Log").size());
    }

    @Test
    void a_paused_container_is_not_checked(Docker docker) {
        String name = docker.sleeping("paused", "--health-cmd", "true", "--health-interval", "1s");
        awaitStatus(docker, name, "healthy");

        docker.ok("pause", name);
        assertEquals("unhealthy", status(docker, name));
        assertTrue(shown(docker, name).endsWith(" (Paused)"), shown(docker, name));
        JsonNode before = health(docker, name);
        Docker.pause(2500);
        assertEquals(before, health(docker, name));

        docker.ok("unpause", name);
        awaitStatus(docker, name, "healthy");
    }

    @Test
    void results_outlive_a_stop_and_the_status_begins_anew(Docker docker) {
        String name = docker.sleeping("again", "--health-cmd", "echo run", "--health-interval", "2s");
        awaitStatus(docker, name, "healthy");

        docker.ok("stop", name);
        assertEquals("unhealthy", status(docker, name));
        assertTrue(shown(docker, name).startsWith("Exited "), shown(docker, name));
        JsonNode log = health(docker, name).path("Log");
        assertFalse(log.isEmpty());

        docker.ok("start", name);
        assertEquals("starting", status(docker, name));
        assertEquals(log, health(docker, name).path("Log"));
        awaitStatus(docker, name, "healthy");
    }

    @Test
    void without_a_check_there_is_no_health(Docker docker, Engine engine) {
        String none = docker.sleeping("plain");
        String never = created(docker, engine, "never", "{'Test':['CMD','true'],'Interval':1000000000}");
        String unknown = created(docker, engine, "unknown", "{'Test':['OTHER','true'],'Interval':1000000000}");
        docker.ok("start", unknown);

        for (String name : List.of(none, never, unknown)) {
            assertFalse(docker.inspect(name).path("State").has("Health"), name);
        }
        assertEquals(List.of(unknown, none), listed(docker, "none"));
    }

    @Test
    void settings_that_make_no_sense_are_refused(Docker docker, Engine engine) {
        for (String[] wrong : new String[][] {
            {"{'Interval':-1}", "Interval in Healthcheck cannot be less than 1ms"},
            {"{'Timeout':999999}", "Timeout in Healthcheck cannot be less than 1ms"},
            {"{'Retries':-1,'StartPeriod':5}", "Retries in Healthcheck cannot be negative"},
            {"{'StartPeriod':5}", "StartPeriod in Healthcheck cannot be less than 1ms"},
            {"{'StartInterval':5}", "StartInterval in Healthcheck cannot be less than 1ms"}
        }) {
            assertEquals(
                    wrong[1],
                    engine.post("/v1.44/containers/create", body(wrong[0]))
                            .is(400)
                            .message());
        }
    }

    @Test
    void clients_before_1_44_have_no_start_interval(Docker docker, Engine engine) {
        String name = docker.name("old");
        engine.post("/v1.43/containers/create?name=" + name, body("{'Test':['CMD','true'],'StartInterval':5}"))
                .is(201);

        assertEquals(
                Docker.json("{\"Test\":[\"CMD\",\"true\"]}"),
                docker.inspect(name).at("/Config/Healthcheck"));
    }

    @Test
    void an_images_check_is_taken_field_by_field(Docker docker) {
        String image = docker.reference("checked:v1");
        docker.callWithInput(TestImages.configured().dockerArchive(image), "load")
                .exits(0);
        String own = docker.name("own");
        String none = docker.name("none");
        docker.ok("create", "--name", own, "--health-timeout", "7s", "--health-retries", "4", image);
        docker.ok("create", "--name", none, "--no-healthcheck", image);

        assertEquals(
                Docker.json("{\"Test\":[\"CMD-SHELL\",\"test -e /tmp/healthy\"],\"Interval\":1000000000,"
                        + "\"Timeout\":7000000000,\"Retries\":4}"),
                docker.inspect(own).at("/Config/Healthcheck"));
        assertEquals(
                Docker.json("{\"Test\":[\"NONE\"],\"Interval\":1000000000,\"Timeout\":1000000000,\"Retries\":2}"),
                docker.inspect(none).at("/Config/Healthcheck"));
    }

    @Test
    void each_check_is_told_as_an_exec_and_each_change_of_the_status(Docker docker) {
        String begin = Long.toString(System.currentTimeMillis() / 1000);
        String name = docker.sleeping(
                "told",
                "--health-cmd",
                "echo a b; test -e /tmp/well",
                "--health-interval",
                "1s",
                "--health-retries",
                "1");
        awaitStatus(docker, name, "unhealthy");
        docker.ok("exec", name, "touch", "/tmp/well");
        awaitStatus(docker, name, "healthy");
        docker.ok("stop", name);
        Docker.pause(1000);

        List<JsonNode> events = new ArrayList<>();
        for (String line : docker.call(
                        "events",
                        "--since",
                        begin,
                        "--until",
                        Long.toString(System.currentTimeMillis() / 1000 + 1),
                        "--filter",
                        "container=" + name,
                        "--format",
                        "{{json .}}")
                .lines()) {
            events.add(Docker.json(line));
        }
        List<String> actions =
                events.stream().map(event -> event.path("Action").asText()).toList();
        int first = actions.indexOf("exec_create: /bin/sh -c echo a b; test -e /tmp/well");
        assertEquals(
                List.of(
                        "exec_create: /bin/sh -c echo a b; test -e /tmp/well",
                        "exec_start: /bin/sh -c echo a b; test -e /tmp/well",
                        "exec_die",
                        "health_status: unhealthy"),
                actions.subList(first, first + 4),
                actions.toString());
        JsonNode exec = events.get(first).at("/Actor/Attributes");
        assertEquals(64, exec.path("execID").asText().length());
        assertEquals(exec.path("execID"), events.get(first + 1).at("/Actor/Attributes/execID"));
        JsonNode die = events.get(first + 2).at("/Actor/Attributes");
        assertEquals(exec.path("execID"), die.path("execID"));
        assertEquals("1", die.path("exitCode").asText());
        assertEquals(name, events.get(first + 3).at("/Actor/Attributes/name").asText());
        assertEquals(
                List.of("health_status: unhealthy", "health_status: healthy"),
                actions.stream()
                        .filter(action -> action.startsWith("health_status"))
                        .toList());
        assertEquals(
                2,
                docker.call(
                                "events",
                                "--since",
                                begin,
                                "--until",
                                Long.toString(System.currentTimeMillis() / 1000 + 1),
                                "--filter",
                                "container=" + name,
                                "--filter",
                                "event=health_status")
                        .lines()
                        .size());
    }

    @Test
    void compose_waits_for_what_is_healthy(Docker docker, @TempDir Path directory) throws IOException {
        Assumptions.assumeTrue(ComposeProject.ofCompose2(docker, directory).isPresent(), "Compose 2 is not installed");
        ComposeProject project = ComposeProject.ofCompose2(docker, directory).orElseThrow();
        Files.writeString(
                directory.resolve("health.yaml"),
                """
                services:
                  db:
                    image: %1$s
                    command: sh -c 'sleep 3; touch /tmp/ready; exec sleep 1000'
                    stop_grace_period: 0s
                    healthcheck:
                      test: test -e /tmp/ready
                      interval: 1s
                      retries: 60
                  app:
                    image: %1$s
                    command: sleep 1000
                    stop_grace_period: 0s
                    healthcheck: {test: ["CMD", "true"], interval: 1s}
                    depends_on: {db: {condition: service_healthy}}
                """
                        .formatted(Images.BUSYBOX),
                StandardCharsets.UTF_8);
        String file = directory.resolve("health.yaml").toString();
        try {
            project.ok("-f", file, "up", "--wait");

            String db = project.ok("-f", file, "ps", "-q", "db");
            String app = project.ok("-f", file, "ps", "-q", "app");
            assertEquals("healthy", status(docker, db));
            assertEquals("healthy", status(docker, app));
            String ready = health(docker, db).path("Log").findValues("ExitCode").toString();
            assertTrue(ready.contains("0"), ready);
        } finally {
            project.ok("-f", file, "down", "-t", "0");
        }
    }

    private static String body(String health) {
        return ("{'Image':'" + Images.BUSYBOX + "','Cmd':['sleep','1000'],'Healthcheck':" + health + "}")
                .replace('\'', '"');
    }

    private static String created(Docker docker, Engine engine, String suffix, String health) {
        String name = docker.name(suffix);
        engine.post("/v1.44/containers/create?name=" + name, body(health)).is(201);
        return name;
    }
}
