package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said, and with which status, when a request makes no sense. */
@EndpointTest
class ErrorsTest {
    private static final String CREATE = "/containers/create";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /containers/%s/json",
                "GET /containers/%s/logs?stdout=1",
                "POST /containers/%s/start",
                "POST /containers/%s/stop",
                "POST /containers/%s/kill",
                "POST /containers/%s/restart",
                "POST /containers/%s/pause",
                "POST /containers/%s/unpause",
                "POST /containers/%s/wait",
                "POST /containers/%s/resize?h=1&w=1",
                "GET /containers/%s/top",
                "DELETE /containers/%s",
                "POST /containers/%s/rename?name=abcd"
            })
    void an_unknown_container_is_not_found(String request, Docker docker, Engine engine) {
        String name = docker.name("none");
        String[] words = request.formatted(name).split(" ");

        var answer = engine.send(words[0], words[1], null, Map.of()).is(404);

        assertTrue(
                answer.message().toLowerCase(java.util.Locale.ROOT).endsWith("no such container: " + name),
                answer.message());
        assertEquals("application/json", answer.headers().get("content-type").split(";")[0]);
    }

    @Test
    void unknown_images_volumes_networks_and_execs_are_not_found(Engine engine) {
        assertTrue(
                engine.get("/images/nosuch/json").is(404).message().matches("(?i).*no such image: nosuch(:latest)?"));
        assertTrue(engine.get("/images/nosuch/history")
                .is(404)
                .message()
                .matches("(?i).*no such image: nosuch(:latest)?"));
        assertTrue(engine.delete("/images/nosuch").is(404).message().matches("(?i).*no such image: nosuch(:latest)?"));
        assertTrue(engine.get("/volumes/nosuch").is(404).message().endsWith("no such volume"));
        assertTrue(engine.delete("/volumes/nosuch").is(404).message().endsWith("no such volume"));
        assertEquals(
                "network nosuch not found",
                engine.get("/networks/nosuch").is(404).message());
        assertTrue(engine.get("/exec/nosuch/json")
                .is(404)
                .message()
                .toLowerCase(java.util.Locale.ROOT)
                .contains("no such exec"));
    }

    @Test
    void create_of_an_unknown_image_is_not_found(Engine engine) {
        assertEquals(
                "No such image: nosuch:latest",
                engine.post(CREATE, "{\"Image\":\"nosuch\"}").is(404).message());
    }

    @Test
    void bodies_must_be_json(Engine engine) {
        assertTrue(engine.post(CREATE, "{\"Image\":").status() >= 400);
        assertEquals(400, engine.post(CREATE, "{\"Image\": 5}").status() >= 400 ? 400 : 200);
        assertTrue(engine.send("POST", CREATE, "{\"Image\":\"x\"}", Map.of("Content-Type", "text/plain"))
                        .status()
                >= 400);
        assertTrue(engine.send("POST", CREATE, "", Map.of("Content-Type", "application/json"))
                        .status()
                >= 400);
    }

    @Test
    void nothing_to_run_is_refused(Docker docker, Engine engine) {
        docker.callWithInput(
                        Images.built(new Images.Tar().text("x", "y").bytes(), "{}", "amd64")
                                .archive(docker.reference("nothing:1")),
                        "load")
                .exits(0);

        assertTrue(docker.call("create", docker.name("x").isEmpty() ? "" : "gantry-compat/" + docker.name("nothing:1"))
                .exits(1)
                .err()
                .toLowerCase(java.util.Locale.ROOT)
                .contains("no command specified"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '`',
            value = {
                "'Memory': 1000                                          # minimum memory limit allowed is 6MB",
                "'Memory': 10000000, 'MemorySwap': 5000000               # minimum memoryswap limit should be larger than memory limit",
                "'MemorySwap': 50000000                                  # you should always set the memory limit when using memoryswap limit",
                "'NanoCpus': -1                                          # range of CPUs is from 0.01",
                "'NanoCpus': 900000000000000                             # range of CPUs is from 0.01",
                "'NanoCpus': 500000000, 'CpuQuota': 50000                # conflicting options: nano cpus and cpu quota cannot both be set",
                "'RestartPolicy': {'Name': 'bogus'}                      # invalid restart policy",
                "'RestartPolicy': {'Name': 'always', 'MaximumRetryCount': 3} # maximum retry count",
                "'RestartPolicy': {'Name': 'always'}, 'AutoRemove': true # can't create 'AutoRemove' container with restart policy",
                "'NetworkMode': 'container:nosuch'                       # no such container",
                "'Binds': ['/a:/b:bogus']                                # invalid (mode|volume specification)",
                "'Binds': ['aa:/b', 'cc:/b']                               # duplicate mount point",
                "'Mounts': [{'Type': 'bogus', 'Target': '/x'}]           # (mount type unknown|invalid mount config)",
                "'Mounts': [{'Type': 'bind', 'Target': '/x'}]            # field Source must not be empty",
                "'Mounts': [{'Type': 'volume'}]                          # field Target must not be empty",
                "'ShmSize': -1                                           # SHM size can not be less than 0",
                "'OomScoreAdj': 2000                                     # range for oom score adj is",
                "'PortBindings': {'80/tcp': [{'HostPort': '99999'}]}     # invalid port (specification|range|number)",
                "'CapAdd': ['BOGUS']                                     # (unknown|invalid) capability",
                "'Isolation': 'hyperv'                                   # (invalid isolation|isolation)",
                "'Tmpfs': {'relative': ''}                               # (invalid|absolute)",
            })
    void host_settings_out_of_range_are_refused(String setting, String said, Docker docker, Engine engine) {
        String name = docker.name("bad");
        var answer = engine.post(
                CREATE + "?name=" + name,
                "{\"Image\":\"" + Images.BUSYBOX + "\",\"HostConfig\":{"
                        + setting.replace('\'', '"').replace("can\"t", "can't") + "}}");
        if (answer.status() == 201) {
            // Some checks of a setting are made at the start.
            answer = engine.post("/containers/" + name + "/start");
        }

        assertTrue(answer.status() >= 400 && answer.status() <= 500, "status " + answer.status());
        assertTrue(
                java.util.regex.Pattern.compile(said, java.util.regex.Pattern.CASE_INSENSITIVE)
                        .matcher(answer.message())
                        .find(),
                answer.message());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/containers/json?filters=%7B",
                "/images/json?filters=nonsense",
                "/volumes?filters=%5B1%5D",
                "/networks?filters=%7B%22nosuch%22%3A%5B%22x%22%5D%7D",
                "/images/json?filters=%7B%22nosuch%22%3A%5B%22x%22%5D%7D",
                "/containers/json?filters=%7B%22nosuch%22%3A%5B%22x%22%5D%7D"
            })
    void bad_filters_are_refused(String path, Engine engine) {
        int status = engine.get(path).status();
        assertTrue(status == 400 || status == 500, "status " + status);
    }

    @Test
    void an_exec_can_be_started_once(Docker docker, Engine engine) {
        String name = docker.sleeping("exec");
        String exec = engine.post("/containers/" + name + "/exec", "{\"Cmd\":[\"true\"]}")
                .is(201)
                .json()
                .get("Id")
                .asText();

        engine.post("/exec/" + exec + "/start", "{\"Detach\":true}").is(200);
        Docker.await("it ended", () -> engine.get("/exec/" + exec + "/json")
                .json()
                .path("ExitCode")
                .isInt());

        engine.post("/exec/" + exec + "/start", "{\"Detach\":true}").is(409);
    }

    @Test
    void names_from_outside_are_only_names(Docker docker, Engine engine) {
        for (String hostile : List.of("..%2F..%2Fetc", "%2e%2e", "a%00b", "x';drop", "%25s")) {
            int status = engine.get("/containers/" + hostile + "/json").status();
            assertTrue(status == 404 || status == 400 || status == 301, hostile + " " + status);
            status = engine.get("/volumes/" + hostile).status();
            assertTrue(status == 404 || status == 400 || status == 301 || status == 500, hostile + " " + status);
        }
    }
}
