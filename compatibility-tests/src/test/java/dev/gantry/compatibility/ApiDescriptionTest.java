package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.compatibility.docker.ApiDescription;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.RawRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each answer against the published description of the API: types, required keys, and no key that it does not know. */
@EndpointTest
class ApiDescriptionTest {
    /** What dockerd sends without, or before, its description knowing it. */
    private static final Set<String> OF_DOCKERD = Stream.concat(
                    Stream.of(
                            "$.ExitCode: null found, integer expected",
                            "$.HostConfig.MemorySwappiness: null found, integer expected"),
                    Stream.of(
                                    "status",
                                    "id",
                                    "from",
                                    "BridgeNfIptables",
                                    "BridgeNfIp6tables",
                                    "RegistryConfig.AllowNondistributableArtifactsCIDRs",
                                    "RegistryConfig.AllowNondistributableArtifactsHostnames",
                                    "ContainerdCommit.Expected",
                                    "RuncCommit.Expected",
                                    "InitCommit.Expected",
                                    "Config.Hostname",
                                    "Config.Domainname",
                                    "Config.AttachStdin",
                                    "Config.AttachStdout",
                                    "Config.AttachStderr",
                                    "Config.Tty",
                                    "Config.OpenStdin",
                                    "Config.StdinOnce",
                                    "Config.Image")
                            .map(key -> "$." + key + ": no such key in the description"))
            .collect(Collectors.toUnmodifiableSet());

    private static Optional<ApiDescription> description;

    @BeforeAll
    static void read() {
        description = ApiDescription.find();
        assumeTrue(description.isPresent(), "no API description: set -D" + ApiDescription.PROPERTY + "=FILE");
    }

    @BeforeEach
    void isNewEnough(Docker docker) {
        assumeTrue(docker.apiMinor() >= 44, "this engine is older than what the description still describes");
    }

    private static void valid(String method, String path, int status, JsonNode answer) {
        List<String> faults = description.orElseThrow().faults(method, path, status, answer).stream()
                .filter(fault -> !OF_DOCKERD.contains(fault))
                .toList();
        assertEquals(List.of(), faults, () -> path + ": " + answer);
    }

    private static JsonNode get(Engine engine, String template, String path) {
        JsonNode answer = engine.get(path).is(200).json();
        valid("get", template, 200, answer);
        return answer;
    }

    @Test
    void running_container(Docker docker, Engine engine) {
        String name = docker.sleeping("described", "-v", docker.name("v") + ":/v", "-p", "80", "--label", "a=b");

        get(engine, "/containers/{id}/json", "/containers/" + name + "/json?size=1");
        get(engine, "/containers/{id}/top", "/containers/" + name + "/top");
        get(engine, "/containers/json", "/containers/json?all=1&size=1");
        get(engine, "/volumes", "/volumes");
        get(engine, "/volumes/{name}", "/volumes/" + docker.name("v"));
        get(engine, "/networks/{id}", "/networks/bridge");
    }

    @Test
    void stopped_container(Docker docker, Engine engine) {
        String name = docker.sleeping("described", "--restart", "on-failure:3", "--tmpfs", "/t", "--init");
        engine.post("/containers/" + name + "/stop?t=0").is(204);

        get(engine, "/containers/{id}/json", "/containers/" + name + "/json");
        get(engine, "/containers/json", "/containers/json?all=1");
    }

    @Test
    void container_with_the_body_of_the_description(Docker docker, Engine engine) {
        ObjectNode body = description.orElseThrow().exampleBody("/containers/create");
        body.put("Image", Images.BUSYBOX);
        ObjectNode host = body.withObject("/HostConfig");
        withoutWhatAHostMayLack(host);
        // It is written as a string, which the description itself does not allow.
        body.putArray("Entrypoint").add("sleep");
        body.remove("NetworkingConfig");
        body.remove("MacAddress");
        assertEquals(List.of(), description.orElseThrow().bodyFaults("/containers/create", body));
        String name = docker.name("described");

        JsonNode created = engine.post("/containers/create?name=" + name, body.toString())
                .is(201)
                .json();

        valid("post", "/containers/create", 201, created);
        JsonNode shown = get(engine, "/containers/{id}/json", "/containers/" + name + "/json");
        for (String key : List.of("Domainname", "Cmd", "Labels", "StopSignal", "StopTimeout", "ExposedPorts")) {
            assertEquals(body.get(key), shown.at("/Config/" + key), key);
        }
        for (String key : List.of("Memory", "MemorySwap", "CpuQuota", "CpuPeriod", "Dns", "CapAdd", "GroupAdd")) {
            assertEquals(host.get(key), shown.at("/HostConfig/" + key), key);
        }
        assertTrue(shown.at("/HostConfig/PidsLimit").isNull(), "none that is unlimited is shown");
    }

    /** Devices, drivers and files of the example that are nowhere. */
    private static void withoutWhatAHostMayLack(ObjectNode host) {
        for (String key : List.of(
                "Binds",
                "Links",
                "VolumesFrom",
                "BlkioWeight",
                "BlkioWeightDevice",
                "BlkioDeviceReadBps",
                "BlkioDeviceReadIOps",
                "BlkioDeviceWriteBps",
                "BlkioDeviceWriteIOps",
                "DeviceRequests",
                "MemorySwappiness",
                "KernelMemory",
                "StorageOpt",
                "CpusetCpus",
                "CpusetMems",
                "CpuRealtimePeriod",
                "CpuRealtimeRuntime",
                "Ulimits",
                "SecurityOpt",
                "VolumeDriver",
                "CgroupParent",
                "CpuPercent",
                "MaximumIOps",
                "MaximumIOBps",
                "NanoCpus",
                "OomKillDisable",
                "AutoRemove")) {
            host.remove(key);
        }
    }

    @Test
    void exec(Docker docker, Engine engine) {
        String name = docker.sleeping("described");
        JsonNode created = engine.post("/containers/" + name + "/exec", "{\"Cmd\":[\"true\"],\"User\":\"0\"}")
                .is(201)
                .json();

        valid("post", "/containers/{id}/exec", 201, created);
        get(engine, "/exec/{id}/json", "/exec/" + created.get("Id").asText() + "/json");
    }

    @Test
    void waiting(Docker docker, Engine engine) {
        String name = docker.sleeping("described");
        engine.post("/containers/" + name + "/stop?t=0").is(204);

        valid(
                "post",
                "/containers/{id}/wait",
                200,
                engine.post("/containers/" + name + "/wait").is(200).json());
    }

    @Test
    void images(Docker docker, Engine engine) {
        docker.name("images are loaded");

        get(engine, "/images/json", "/images/json?all=1");
        get(engine, "/images/{name}/json", "/images/" + Images.CONFIGURED + "/json");
        get(engine, "/images/{name}/history", "/images/" + Images.BUSYBOX + "/history");
    }

    @Test
    void volume(Docker docker, Engine engine) {
        String body = "{\"Name\":\"" + docker.name("v") + "\",\"Labels\":{\"a\":\"b\"}}";

        valid(
                "post",
                "/volumes/create",
                201,
                engine.post("/volumes/create", body).is(201).json());
    }

    @Test
    void networks(Engine engine) {
        get(engine, "/networks", "/networks");
        get(engine, "/networks/{id}", "/networks/none");
        get(engine, "/networks/{id}", "/networks/host");
    }

    @Test
    void system(Docker docker, Engine engine) {
        docker.sleeping("described", "-v", docker.name("v") + ":/v");

        get(engine, "/info", "/info");
        get(engine, "/version", "/version");
        get(engine, "/system/df", "/system/df");
    }

    @Test
    void events(Docker docker, Engine engine) {
        docker.sleeping("described");

        for (String line : engine.get("/events?since=1&until=" + (Instant.now().getEpochSecond() + 1))
                .is(200)
                .body()
                .lines()
                .toList()) {
            valid("get", "/events", 200, Docker.json(line));
        }
    }

    @Test
    void errors(Engine engine) {
        valid(
                "get",
                "/containers/{id}/json",
                404,
                engine.get("/containers/nowhere-to-be-found/json").is(404).json());
        valid(
                "post",
                "/containers/create",
                400,
                engine.post("/containers/create", "{\"Image\":").is(400).json());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Container", "Exec", "Volume"})
    void no_operation_is_missing(String tag, Docker docker, Engine engine) throws Exception {
        List<String> operations = description.orElseThrow().operations(tag);
        assertTrue(operations.size() > 3, operations::toString);
        for (String operation : operations) {
            String id = operand(tag, operation, docker, engine);
            String query = "?path=/etc&name=" + docker.name("other") + "&h=1&w=1&stream=0&t=0&filters="
                    + URLEncoder.encode("{\"label\":[\"none\"]}", StandardCharsets.UTF_8);
            RawRequest.Answer answer = RawRequest.to(docker.endpoint())
                    .sendForBytes(
                            operation.replaceAll("\\{[a-z]+}", id) + query,
                            "Content-Type: application/json\r\n",
                            (operation.startsWith("POST") ? "{}" : "").getBytes(StandardCharsets.UTF_8));

            assertTrue(answer.status() != 501, () -> operation + ": " + answer.head());
            assertFalse(answer.body().contains("page not found"), () -> operation + ": " + answer.head());
        }
        docker.call("rm", "-f", docker.name("other"));
    }

    /** One that the operation finds and that keeps it from lasting. */
    private static String operand(String tag, String operation, Docker docker, Engine engine) {
        if (tag.equals("Volume")) {
            return docker.ok("volume", "create", docker.name("volume"));
        }
        if (operation.contains("/exec/")) {
            docker.call("rm", "-f", docker.name("exec"));
            return engine.post("/containers/" + docker.sleeping("exec") + "/exec", "{\"Cmd\":[\"true\"]}")
                    .is(201)
                    .json()
                    .path("Id")
                    .asText();
        }
        String ended = docker.name("ended");
        docker.call("rm", "-f", ended);
        docker.ok("run", "--name", ended, Images.BUSYBOX, "true");
        return ended;
    }
}
