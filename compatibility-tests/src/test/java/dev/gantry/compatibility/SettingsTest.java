package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a container may be asked to be, where it was taken for something else or not looked at. */
@EndpointTest
class SettingsTest {
    /** The variables, without PATH, and HOSTNAME's value where it is the container's own. */
    private static String environment(Docker docker, String... words) {
        return String.join(
                " ",
                new TreeSet<>(Arrays.stream(docker.ok(words).replace("\r", "").split("\n"))
                        .filter(line -> !line.startsWith("PATH="))
                        .map(line -> line.replaceAll("^HOSTNAME=[0-9a-f]{12}$", "HOSTNAME=own"))
                        .toList()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HOME=              | HOME=/root HOSTNAME=own",
                "HOME=/x,HOME=      | HOME=/root HOSTNAME=own",
                "HOME=,HOME=/x      | HOME=/x HOSTNAME=own",
                "HOSTNAME           | HOME=/root",
                "HOSTNAME=          | HOME=/root HOSTNAME=",
                "HOSTNAME=x         | HOME=/root HOSTNAME=x",
                "FOO=1,FOO=2        | FOO=2 HOME=/root HOSTNAME=own",
                "FOO=1,FOO          | FOO=1 HOME=/root HOSTNAME=own",
                "FOO                | HOME=/root HOSTNAME=own"
            })
    void variables(String given, String seen, Docker docker, Engine engine) {
        String name = docker.name("env");
        String list = "[\"" + given.strip().replace(",", "\",\"") + "\"]";
        engine.post(
                        "/containers/create?name=" + name,
                        "{\"Image\":\"" + Images.BUSYBOX + "\",\"Cmd\":[\"env\"],\"Env\":" + list + "}")
                .is(201);

        assertEquals(seen, environment(docker, "start", "-a", name));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HOME=    | HOME=/root HOSTNAME=own X=1",
                "HOSTNAME | HOME=/root X=1",
                "X        | HOME=/root HOSTNAME=own",
                "X=       | HOME=/root HOSTNAME=own X=",
                "Y        | HOME=/root HOSTNAME=own X=1"
            })
    void variables_of_an_exec(String given, String seen, Docker docker, Engine engine) {
        String name = docker.sleeping("env", "-e", "X=1");
        String exec = engine.post(
                        "/containers/" + name + "/exec",
                        "{\"Cmd\":[\"sh\",\"-c\",\"env >/env\"],\"Env\":[\"" + given.strip() + "\"]}")
                .is(201)
                .json()
                .path("Id")
                .asText();
        engine.post("/exec/" + exec + "/start", "{\"Detach\":true}").is(200);
        Docker.await("it has run", () -> !engine.get("/exec/" + exec + "/json")
                .json()
                .path("Running")
                .asBoolean());

        // What the shell sets by itself is not asked for.
        assertEquals(seen, environment(docker, "exec", name, "grep", "-vE", "^(SHLVL|PWD|OLDPWD|_)=", "/env"));
    }

    @Test
    void only_what_has_a_terminal_has_its_type(Docker docker) {
        String name = docker.sleeping("env", "-t");

        assertEquals("HOME=/root HOSTNAME=own", environment(docker, "exec", name, "env"));
        assertEquals(
                "HOME=/root HOSTNAME=own TERM=xterm", environment(docker, "run", "--rm", "-t", Images.BUSYBOX, "env"));
    }

    @Test
    void a_file_is_no_working_directory(Docker docker) {
        docker.call("run", "--rm", "-w", "/etc/passwd", Images.BUSYBOX, "pwd")
                .exits(125)
                .saysError("Error response from daemon: Cannot mkdir: /etc/passwd is not a directory");
        docker.call("run", "--rm", "-w", "/etc/passwd/x", Images.BUSYBOX, "pwd")
                .exits(125)
                .saysError("Error response from daemon: lstat /.*/etc/passwd/x: not a directory");
    }

    @Test
    void a_bind_whose_source_is_missing_makes_no_container(Docker docker, @TempDir Path directory) throws Exception {
        String name = docker.name("bound");
        Path source = directory.resolve("source");
        String mount = "type=bind,target=/x,source=" + source;
        String words = "invalid mount config for type \"bind\": bind source path does not exist: " + source;

        docker.call("create", "--name", name, "--mount", mount, Images.BUSYBOX)
                .exits(1)
                .saysError(words);
        docker.call("inspect", name).exits(1);

        Files.createDirectory(source);
        docker.ok("create", "--name", name, "--mount", mount, Images.BUSYBOX, "true");
        Files.delete(source);
        docker.call("start", name).exits(1).saysError(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"foo\":\"bar\"}                | invalid option: \"foo\"",
                "{\"TYPE\":\"tmpfs\"}             | invalid option: \"TYPE\"",
                "{\"\":\"\"}                      | invalid option: \"\"",
                "{\"type\":\"tmpfs\"}             | missing required option: \"device\"",
                "{\"device\":\"/tmp\"}            | missing required option: \"type\"",
                "{\"o\":\"bind\"}                 | missing required option: \"device\""
            })
    void options_of_volumes_are_looked_at_whoever_makes_them(
            String options, String words, Docker docker, Engine engine) {
        String name = docker.name("volume");
        String refusal = "create " + name + ": " + words;

        assertEquals(
                refusal,
                engine.post("/volumes/create", "{\"Name\":\"" + name + "\",\"DriverOpts\":" + options + "}")
                        .is(400)
                        .message());
        assertEquals(
                refusal,
                engine.post(
                                "/containers/create",
                                "{\"Image\":\"" + Images.BUSYBOX
                                        + "\",\"HostConfig\":{\"Mounts\":[{\"Type\":\"volume\",\"Source\":\""
                                        + name
                                        + "\",\"Target\":\"/x\",\"VolumeOptions\":{\"DriverConfig\":{\"Name\":\"local\","
                                        + "\"Options\":" + options + "}}}]}}")
                        .is(400)
                        .message());
        docker.call("volume", "inspect", name).exits(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"Memory\":1                                | Minimum memory limit allowed is 6MB",
                "\"Memory\":1,\"HostConfig\":{}              | Minimum memory limit allowed is 6MB",
                "\"memory\":4194304                          | Minimum memory limit allowed is 6MB",
                "\"MemoryReservation\":1                     | Minimum memory reservation allowed is 6MB",
                "\"MemorySwap\":10000000                     | You should always set the Memory limit when using Memoryswap limit, see usage",
                "\"Cpuset\":\"x\",\"HostConfig\":{}          | *Invalid value x for cpuset cpus"
            })
    void old_clients_say_it_beside_the_rest(String fields, String words, Engine engine) {
        String said = engine.post("/containers/create", "{\"Image\":\"" + Images.BUSYBOX + "\"," + fields.strip() + "}")
                .is(400)
                .message();

        assertTrue(words.startsWith("*") ? said.startsWith(words.substring(1)) : said.equals(words), said);
    }

    @Test
    void what_old_clients_say_fills_what_is_open(Docker docker, Engine engine) {
        String name = docker.name("old");
        engine.post(
                        "/containers/create?name=" + name,
                        """
                        {"Image":"%s","Memory":20000000,"CpuShares":7,"Privileged":true,
                         "HostConfig":{"CpuShares":9}}"""
                                .formatted(Images.BUSYBOX))
                .is(201);
        String alone = docker.name("alone");
        engine.post(
                        "/containers/create?name=" + alone,
                        """
                        {"Image":"%s","Memory":20000000,"Cpuset":"0","Privileged":true}"""
                                .formatted(Images.BUSYBOX))
                .is(201);

        JsonNode host = docker.inspect(name).path("HostConfig");
        assertEquals(20000000, host.path("Memory").asLong());
        assertEquals(9, host.path("CpuShares").asLong());
        assertFalse(host.path("Privileged").asBoolean());
        JsonNode other = docker.inspect(alone).path("HostConfig");
        assertEquals("0", other.path("CpusetCpus").asText());
        assertTrue(other.path("Privileged").asBoolean());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                                   | invalid JSON: got EOF while reading request body",
                "null                                 | config cannot be empty in order to create a container",
                "{}                                   | config cannot be empty in order to create a container",
                "{\"a\":1}                            | config cannot be empty in order to create a container",
                "{\"HostConfig\":{},\"Memory\":1}     | config cannot be empty in order to create a container",
                "{\"Image\":\"\"}                     | no command specified",
                "{invalid}                            | invalid JSON: invalid character 'i' looking for beginning of object key string",
                "{\"a\":tru}                          | invalid JSON: invalid character '}' in literal true (expecting 'e')",
                "{\"a\":1,}                           | invalid JSON: invalid character '}' looking for beginning of object key string",
                "{\"a\" 1}                            | invalid JSON: invalid character '1' after object key",
                "{\"a\":1 2}                          | invalid JSON: invalid character '2' after object key:value pair",
                "{\"a\":                              | invalid JSON: unexpected EOF",
                "{\"a\":1}{                           | unexpected content after JSON"
            })
    void broken_descriptions(String body, String words, Engine engine) {
        assertEquals(
                words, engine.post("/containers/create", body.strip()).is(400).message());
        if (words.startsWith("invalid JSON: invalid character")) {
            for (String door : new String[] {"/networks/create", "/volumes/create", "/networks/bridge/connect"}) {
                assertEquals(words, engine.post(door, body.strip()).is(400).message());
            }
        }
    }

    @Test
    void what_does_not_fit_is_refused_before_what_is_missing(Engine engine) {
        for (String body : new String[] {
            "{\"HostConfig\":{\"Memory\":\"x\"}}",
            "{\"HostConfig\":[]}",
            "{\"NetworkingConfig\":1}",
            "{\"Memory\":\"x\"}"
        }) {
            String said = engine.post("/containers/create", body).is(400).message();
            assertTrue(said.startsWith("invalid JSON: json: cannot unmarshal "), said);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "always,1,false         | invalid restart policy: maximum retry count can only be used with 'on-failure'",
                "unless-stopped,1,false | invalid restart policy: maximum retry count can only be used with 'on-failure'",
                "no,1,false             | invalid restart policy: maximum retry count can only be used with 'on-failure'",
                "always,-1,false        | invalid restart policy: maximum retry count can only be used with 'on-failure'"
                        + " and cannot be negative",
                "on-failure,-1,false    | invalid restart policy: maximum retry count cannot be negative",
                "foo,0,false            | invalid restart policy: unknown policy 'foo'; use one of 'no', 'always',"
                        + " 'on-failure', or 'unless-stopped'",
                "always,0,true          | can't create 'AutoRemove' container with restart policy"
            })
    void restart_policies(String policy, String words, Engine engine) {
        String[] parts = policy.strip().split(",");
        assertEquals(
                words,
                engine.post(
                                "/containers/create",
                                """
                                {"Image":"%s","HostConfig":{"AutoRemove":%s,
                                 "RestartPolicy":{"Name":"%s","MaximumRetryCount":%s}}}"""
                                        .formatted(Images.BUSYBOX, parts[2], parts[0], parts[1]))
                        .is(400)
                        .message());
    }

    @Test
    void what_runs_is_not_removed(Docker docker, Engine engine) {
        String name = docker.sleeping("runs");

        assertEquals(
                "cannot remove container \"/" + name + "\": container is running: stop the container before removing or"
                        + " force remove",
                engine.delete("/containers/" + name).is(409).message());
    }

    private static String prune(String what, String filters) {
        return "/" + what + "/prune?filters=" + URLEncoder.encode(filters, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1700000000.5", "1700000000.123456789", "1700000000.1234567890", "1.5h", "+1", "1700000000"})
    void prunes_take_fractions_of_time(String until, Engine engine) {
        String filters = "{\"until\":[\"" + until + "\"],\"label\":[\"nosuchlabel\"]}";

        assertEquals(
                "{\"ContainersDeleted\":null,\"SpaceReclaimed\":0}",
                engine.post(prune("containers", filters)).is(200).body().strip());
        assertEquals(
                "{\"NetworksDeleted\":null}",
                engine.post(prune("networks", filters)).is(200).body().strip());
    }

    @Test
    void prunes_before_1_42_take_named_volumes(Docker docker, Engine engine) {
        String label = "{\"label\":[\"" + docker.name("label") + "\"]";
        docker.ok("volume", "create", "--label", docker.name("label"), docker.name("named"));

        engine.post("/v1.42" + prune("volumes", label + "}")).is(200);
        docker.ok("volume", "inspect", docker.name("named"));
        assertEquals(
                "invalid filter 'all=",
                engine.post("/v1.41" + prune("volumes", label + ",\"all\":[\"0\"]}"))
                        .is(400)
                        .message()
                        .substring(0, 20));
        String pruned =
                engine.post("/v1.41" + prune("volumes", label + "}")).is(200).body();

        assertTrue(pruned.contains(docker.name("named")), pruned);
        docker.call("volume", "inspect", docker.name("named")).exits(1);
    }

    @Test
    void a_container_has_the_runtime_that_it_was_made_with(Docker docker, Engine engine) {
        String name = docker.name("runc");
        docker.ok("run", "--name", name, "--runtime", "runc", Images.BUSYBOX, "true");
        JsonNode info = engine.get("/info").json();

        assertEquals("runc", docker.inspect(name).at("/HostConfig/Runtime").asText());
        assertTrue(info.path("Runtimes").has("runc"), info.path("Runtimes")::toString);
        assertTrue(info.path("Runtimes").has(info.path("DefaultRuntime").asText()), info.path("Runtimes")::toString);
        assertEquals(
                "unknown or invalid runtime name: nosuch",
                engine.post(
                                "/containers/create",
                                "{\"Image\":\"" + Images.BUSYBOX + "\",\"HostConfig\":{\"Runtime\":\"nosuch\"}}")
                        .is(400)
                        .message());
    }
}
