package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.RawRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Execs and attachments as they are on the wire, each as dockerd 26.1.5 answers it. */
@EndpointTest
class ExecStreamsTest {
    private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: tcp\r\n";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String HINT =
            ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified"
                    + " host path exists and is the expected type";

    private static String create(Engine engine, String container, String config) {
        return engine.post("/containers/" + container + "/exec", config)
                .is(201)
                .json()
                .path("Id")
                .asText();
    }

    private static RawRequest.Answer start(Docker docker, String exec, String body, String headers) throws IOException {
        return RawRequest.to(docker.endpoint())
                .send("POST /v1.45/exec/" + exec + "/start", JSON + headers, body.getBytes(StandardCharsets.UTF_8));
    }

    private static String type(RawRequest.Answer answer) {
        return answer.head()
                .lines()
                .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("content-type: "))
                .map(line -> line.substring("content-type: ".length()))
                .findFirst()
                .orElse("");
    }

    private static JsonNode inspected(Engine engine, String exec) {
        return engine.get("/exec/" + exec + "/json").is(200).json();
    }

    private static String frame(int stream, String text) {
        return (char) stream + "\0\0\0\0\0\0" + (char) text.length() + text;
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void how_it_is_started_decides_on_frames_and_not_its_terminal(
            boolean terminal, boolean raw, Docker docker, Engine engine) throws Exception {
        String name = docker.sleeping("exec");
        for (String headers : new String[] {"", UPGRADE}) {
            String exec = create(
                    engine,
                    name,
                    """
                    {"Cmd":["sh","-c","echo out; sleep 0.3; echo err >&2; exit 4"],
                     "AttachStdout":true,"AttachStderr":true,"Tty":%s}"""
                            .formatted(terminal));

            RawRequest.Answer answer = start(docker, exec, "{\"Tty\":%s}".formatted(raw), headers);

            boolean upgraded = !headers.isEmpty();
            String multiplexed = "application/vnd.docker.multiplexed-stream";
            assertEquals(upgraded ? 101 : 200, answer.status());
            assertEquals(
                    upgraded && !raw ? multiplexed : "application/vnd.docker.raw-stream", type(answer), answer::head);
            String all = terminal ? frame(1, "out\r\n") + frame(1, "err\r\n") : frame(1, "out\n") + frame(2, "err\n");
            String bare = terminal ? "out\r\nerr\r\n" : "out\n";
            assertEquals(raw ? bare : all, answer.body());
            assertEquals(4, inspected(engine, exec).path("ExitCode").asInt());
        }
    }

    @Test
    void a_terminal_has_no_standard_error(Docker docker, Engine engine) throws Exception {
        String name = docker.sleeping("exec");
        String exec = create(engine, name, "{\"Cmd\":[\"echo\",\"hi\"],\"AttachStderr\":true,\"Tty\":true}");

        assertEquals("", start(docker, exec, "{\"Tty\":true}", UPGRADE).body());
    }

    @ParameterizedTest
    @CsvSource({"'[33,77]','[]',33 77", "'[]','[34,78]',34 78", "'[33,77]','[34,78]',34 78"})
    void a_terminal_has_the_size_that_was_asked_for(
            String created, String started, String size, Docker docker, Engine engine) throws Exception {
        String name = docker.sleeping("exec");
        String exec = create(
                engine,
                name,
                "{\"Cmd\":[\"sh\",\"-c\",\"until stty size 2>/dev/null; do sleep 0.1; done\"],\"AttachStdout\":true,"
                        + "\"Tty\":true"
                        + (created.equals("[]") ? "" : ",\"ConsoleSize\":" + created) + "}");

        String body = "{\"Tty\":true" + (started.equals("[]") ? "" : ",\"ConsoleSize\":" + started) + "}";
        assertEquals(size, start(docker, exec, body, UPGRADE).said());
    }

    @Test
    void a_size_is_two_numbers_that_are_not_negative(Docker docker, Engine engine) {
        String name = docker.sleeping("exec");
        for (String size : new String[] {"[-1,2]", "1", "[\"a\",1]"}) {
            String said = engine.post(
                            "/containers/" + name + "/exec", "{\"Cmd\":[\"true\"],\"ConsoleSize\":" + size + "}")
                    .is(400)
                    .message();
            assertTrue(said.startsWith("invalid JSON: json: cannot unmarshal "), said);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_pid_is_there_when_the_start_is_answered(boolean terminal, Docker docker, Engine engine) {
        String name = docker.sleeping("exec");
        for (int i = 0; i < 5; i++) {
            String exec = create(engine, name, "{\"Cmd\":[\"sleep\",\"60\"],\"Tty\":%s}".formatted(terminal));
            assertEquals(0, inspected(engine, exec).path("Pid").asInt());

            engine.post("/exec/" + exec + "/start", "{\"Detach\":true,\"Tty\":%s}".formatted(terminal))
                    .is(200);

            JsonNode seen = inspected(engine, exec);
            assertTrue(seen.path("Pid").asInt() > 0, seen::toString);
            assertTrue(seen.path("Running").asBoolean(), seen::toString);
            assertTrue(seen.path("ExitCode").isNull(), seen::toString);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "[\"nosuch\"]           ~ exec: \"nosuch\": executable file not found in $PATH: unknown",
                "[\"\"]                 ~ exec: \"\": executable file not found in $PATH: unknown",
                "[\"/no/such\"]         ~ exec: \"/no/such\": stat /no/such: no such file or directory: unknown",
                "[\"./nosuch\"]         ~ exec: \"./nosuch\": stat ./nosuch: no such file or directory: unknown",
                "[\"/etc/passwd\"]      ~ exec: \"/etc/passwd\": permission denied: unknown",
                "[\"/etc/passwd/x\"]    ~ exec: \"/etc/passwd/x\": stat /etc/passwd/x: not a directory: unknown+",
                "[\"ls\"],\"WorkingDir\":\"/etc/passwd\" ~ chdir to cwd (\"/etc/passwd\") set in config.json failed:"
                        + " not a directory: unknown+",
                "[\"ls\"],\"Env\":[\"A=1\",\"=1\"] ~ environment variable name can't be empty: \"=1\": unknown",
                "[\"ls\"],\"WorkingDir\":\"/no\" ~ chdir to cwd (\"/no\") set in config.json failed: no such file or"
                        + " directory: unknown"
            })
    void what_cannot_be_started_says_why_and_exits_with_126(String command, String reason, Docker docker, Engine engine)
            throws Exception {
        String name = docker.sleeping("exec");
        String words =
                "OCI runtime exec failed: exec failed: unable to start container process: " + reason.replace("+", HINT);
        String config = "{\"Cmd\":" + command + ",\"AttachStdout\":true}";

        String attached = create(engine, name, config);
        RawRequest.Answer answer = start(docker, attached, "{}", UPGRADE);
        assertEquals(101, answer.status());
        assertEquals(words, answer.body().substring(8).strip());
        String detached = create(engine, name, config);
        assertEquals(
                words,
                engine.post("/exec/" + detached + "/start", "{\"Detach\":true}")
                        .is(400)
                        .message());

        for (String exec : new String[] {attached, detached}) {
            JsonNode seen = inspected(engine, exec);
            assertEquals(126, seen.path("ExitCode").asInt(), seen::toString);
            assertEquals(0, seen.path("Pid").asInt());
            assertEquals(false, seen.path("Running").asBoolean());
        }
    }

    @Test
    void no_exec_runs_twice(Docker docker, Engine engine) throws Exception {
        String name = docker.sleeping("exec");
        String exec = create(engine, name, "{\"Cmd\":[\"true\"],\"AttachStdout\":true}");
        start(docker, exec, "{}", UPGRADE);
        String words = "Error: Exec command " + exec + " has already run";

        RawRequest.Answer again = start(docker, exec, "{}", UPGRADE);

        assertEquals(101, again.status());
        assertEquals(words + "\r\n", again.body().substring(8));
        assertEquals(words + "\r\n", start(docker, exec, "{\"Tty\":true}", "").body());
        assertEquals(
                words,
                engine.post("/exec/" + exec + "/start", "{\"Detach\":true}")
                        .is(409)
                        .message());
    }

    /** One that was killed when it ran already has nothing to say. */
    @Test
    void an_exec_whose_container_goes_meanwhile_says_so(Docker docker, Engine engine) throws Exception {
        for (int round = 0; round < 4; round++) {
            String name = docker.sleeping("gone" + round);
            Map<String, CompletableFuture<RawRequest.Answer>> answers = new LinkedHashMap<>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 4; i++) {
                    String exec = create(engine, name, "{\"Cmd\":[\"sh\",\"-c\",\"echo ran\"],\"AttachStdout\":true}");
                    answers.put(exec, CompletableFuture.supplyAsync(() -> started(docker, exec), threads));
                }
                Docker.pause(20L * round);
                docker.ok("kill", name);
            }
            answers.forEach((exec, future) -> {
                RawRequest.Answer answer = future.join();
                boolean told = answer.body().contains("ran\n") || answer.body().endsWith(": unknown\r\n");
                boolean killed = engine.get("/exec/" + exec + "/json").body().contains("\"ExitCode\":137");
                assertTrue(answer.status() != 200 || told || killed, answer::toString);
            });
        }
    }

    private static RawRequest.Answer started(Docker docker, String exec) {
        try {
            return start(docker, exec, "{}", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void bad_descriptions_are_refused(Docker docker, Engine engine) {
        String path = "/containers/" + docker.sleeping("exec") + "/exec";

        assertEquals(
                "No exec command specified", engine.post(path, "{}").is(400).message());
        assertEquals("No exec command specified", engine.post(path).is(400).message());
        assertEquals(
                "Invalid escape keys (foo) provided",
                engine.post(path, "{\"Cmd\":[\"true\"],\"DetachKeys\":\"foo\"}")
                        .is(500)
                        .message());
    }

    @Test
    void a_paused_container_is_called_what_its_client_calls_it(Docker docker, Engine engine) throws Exception {
        String name = docker.sleeping("exec");
        String id = docker.inspect(name).path("Id").asText();
        String exec = create(engine, name, "{\"Cmd\":[\"true\"]}");
        docker.ok("pause", name);

        for (String called : new String[] {name, id, id.substring(0, 12)}) {
            assertEquals(
                    "Container " + called + " is paused, unpause the container before exec",
                    engine.post("/containers/" + called + "/exec", "{\"Cmd\":[\"true\"]}")
                            .is(409)
                            .message());
            RawRequest.Answer attach = attach(docker, called, "stream=1&stdout=1", "");
            assertEquals(409, attach.status());
            assertEquals("container " + called + " is paused, unpause the container before attach\r\n", attach.body());
        }
        assertEquals(
                "Container " + id + " is paused, unpause the container before exec",
                engine.post("/exec/" + exec + "/start", "{}").is(409).message());
    }

    private static RawRequest.Answer attach(Docker docker, String name, String query, String headers)
            throws IOException {
        return RawRequest.to(docker.endpoint())
                .send("POST /v1.45/containers/" + name + "/attach?" + query, headers, new byte[0]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "runs   ~ stream=1&stdout=1&detachKeys=foo           ~ 400 ~ Invalid detach keys (foo) provided",
                "runs   ~ stream=1&stdout=1&detachKeys=ctrl-1        ~ 400 ~ Invalid detach keys (ctrl-1) provided",
                "runs   ~ stream=1&stdin=1&detachKeys=ctrl-p%2C%2Cx  ~ 400 ~ Invalid detach keys (ctrl-p,,x) provided",
                "nosuch ~ stream=1&stdout=1                          ~ 404 ~ No such container: nosuch"
            })
    void what_is_wrong_with_an_attach_is_told_in_plain_text(
            String which, String query, int status, String words, Docker docker) throws Exception {
        String name = which.equals("runs") ? docker.sleeping("attached") : which;
        for (String headers : new String[] {"", UPGRADE}) {
            RawRequest.Answer answer = attach(docker, name, query, headers);

            assertEquals(status, answer.status());
            assertEquals("application/vnd.docker.raw-stream", type(answer));
            assertEquals(words + "\r\n", answer.body());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream=1&stderr=1", "stream=1&stdin=1", "stream=1", "stream=1&logs=1&stderr=1"})
    void of_what_a_terminal_does_not_have_nothing_comes(String query, Docker docker) throws Exception {
        String name = docker.name("terminal");
        docker.ok("run", "-d", "-t", "--name", name, Images.BUSYBOX, "sh", "-c", "sleep 1; echo out; sleep 1");

        assertEquals("", attach(docker, name, query, UPGRADE).body());
        docker.ok("wait", name);
        assertEquals("out\r\n", attach(docker, name, "logs=1&stdout=1", UPGRADE).body());
    }
}
