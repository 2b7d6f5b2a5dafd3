package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** {@code docker version}, {@code docker info}, versions of the API and what every answer carries. */
@EndpointTest
class SystemTest {
    @Test
    void version_names_the_server(Docker docker) {
        JsonNode server = Docker.json(docker.ok("version", "--format", "{{json .Server}}"));

        assertTrue(server.get("ApiVersion").asText().matches("1\\.\\d+"));
        assertTrue(!server.get("Version").asText().isEmpty());
        assertEquals("linux", server.get("Os").asText());
        assertEquals("amd64", server.get("Arch").asText());
        assertTrue(docker.ok("version").contains("Server:"));
    }

    @Test
    void info_has_true_figures(Docker docker) throws Exception {
        String name = docker.sleeping("counted");
        docker.ok("create", "--name", docker.name("created"), Images.BUSYBOX);
        JsonNode info = Docker.json(docker.ok("info", "--format", "{{json .}}"));

        assertEquals(
                docker.call("ps", "-q").lines().size(),
                info.get("ContainersRunning").asInt());
        assertEquals(
                docker.call("ps", "-aq").lines().size(), info.get("Containers").asInt());
        assertEquals(0, info.get("ContainersPaused").asInt());
        assertTrue(info.get("Images").asInt() >= 2);
        assertTrue(info.get("Runtimes").has(info.get("DefaultRuntime").asText()), info.get("Runtimes")::toString);
        assertEquals("linux", info.get("OSType").asText());
        assertTrue(info.at("/SecurityOptions").toString().contains("seccomp"));
        assertTrue(docker.ok("info").contains("Server:"));
        Assumptions.assumeTrue(docker.endpoint().local(), "the endpoint is on another machine");
        assertEquals(
                Runtime.getRuntime().availableProcessors(), info.get("NCPU").asInt());
        assertEquals(
                Files.readString(Path.of("/proc/sys/kernel/hostname")).strip(),
                info.get("Name").asText());
        assertEquals(
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
                info.get("KernelVersion").asText());
        assertTrue(!name.isEmpty());
    }

    @Test
    void usage_of_the_disk_has_true_figures(Docker docker, Engine engine) {
        String volume = docker.name("data");
        docker.ok("volume", "create", volume);
        String name = docker.name("writer");
        docker.ok(
                "run",
                "--name",
                name,
                "-v",
                volume + ":/measured",
                Images.BUSYBOX,
                "sh",
                "-c",
                "head -c 100000 /dev/zero > /measured/file; head -c 3000 /dev/zero > /own; ln /measured/file /measured/again");
        String id = docker.ok("inspect", "-f", "{{.Id}}", name);

        String created = docker.ok("create", "--name", docker.name("untouched"), Images.BUSYBOX, "true");

        JsonNode usage = engine.get("/system/df").is(200).json();

        JsonNode container = entry(usage.get("Containers"), "Id", id);
        assertEquals(3000, container.get("SizeRw").asLong());
        assertEquals(
                docker.inspect(Images.BUSYBOX).get("Size").asLong() + 3000,
                container.get("SizeRootFs").asLong());
        JsonNode untouched = entry(usage.get("Containers"), "Id", created);
        assertFalse(untouched.has("SizeRw"), untouched::toString);
        JsonNode kept = entry(usage.get("Volumes"), "Name", volume);
        assertEquals(100000, kept.at("/UsageData/Size").asLong());
        assertEquals(1, kept.at("/UsageData/RefCount").asLong());
        JsonNode image =
                entry(usage.get("Images"), "Id", docker.ok("image", "inspect", "-f", "{{.Id}}", Images.BUSYBOX));
        assertTrue(image.get("Containers").asLong() >= 1, image::toString);
        assertTrue(image.get("SharedSize").asLong() >= 0, image::toString);
        assertTrue(usage.get("LayersSize").asLong() >= image.get("Size").asLong());
        assertTrue(usage.has("BuildCache"));
    }

    private static JsonNode entry(JsonNode list, String key, String value) {
        for (JsonNode entry : list) {
            if (entry.get(key).asText().equals(value)) {
                return entry;
            }
        }
        throw new AssertionError("no " + value + " in " + list);
    }

    @Test
    void usage_is_shown_of_the_kinds_that_are_asked_for(Engine engine) {
        JsonNode some = engine.get("/v1.44/system/df?type=volume&type=build-cache")
                .is(200)
                .json();
        assertTrue(some.get("Volumes").isArray() && some.get("BuildCache").isArray(), some::toString);
        assertTrue(some.get("Images").isNull() && some.get("Containers").isNull(), some::toString);
        assertEquals(0, some.get("LayersSize").asLong());
        assertTrue(
                engine.get("/v1.41/system/df?type=volume").json().get("Images").isArray());

        assertEquals(
                "unknown object type: foo",
                engine.get("/v1.44/system/df?type=image&type=foo").is(400).message());
        assertEquals(
                "unknown object type: ",
                engine.get("/v1.44/system/df?type=").is(400).message());
    }

    @Test
    void usage_of_the_disk_is_shown(Docker docker) {
        String summary = docker.ok("system", "df");
        String details = docker.ok("system", "df", "-v");

        for (String kind : java.util.List.of("Images", "Containers", "Local Volumes", "Build Cache")) {
            assertTrue(summary.lines().anyMatch(line -> line.startsWith(kind)), summary);
        }
        assertTrue(details.contains("Local Volumes space usage"), details);
    }

    @Test
    void ping_carries_the_headers(Engine engine) {
        var ping = engine.get("/_ping").is(200);

        assertEquals("OK", ping.body());
        assertTrue(ping.headers().get("api-version").matches("1\\.\\d+"));
        assertEquals("linux", ping.headers().get("ostype"));
        assertEquals("false", ping.headers().get("docker-experimental"));
        assertTrue(ping.headers().containsKey("server"));
        assertTrue(ping.headers().get("cache-control").contains("no-cache"));
    }

    @Test
    void every_answer_carries_them(Engine engine) {
        for (String path :
                java.util.List.of("/version", "/containers/json", "/containers/nosuch/json", "/nosuch/path")) {
            var headers = engine.get(path).headers();
            assertTrue(headers.containsKey("api-version") || path.startsWith("/nosuch"), path + " " + headers);
            assertTrue(headers.containsKey("server") || path.startsWith("/nosuch"), path);
        }
    }

    @Test
    void versions_are_chosen_by_the_path(Docker docker, Engine engine) {
        String newest = docker.ok("version", "--format", "{{.Server.APIVersion}}");

        engine.get("/v1.24/version").is(200);
        engine.get("/v" + newest + "/version").is(200);
        assertEquals(
                "client version 1.99 is too new. Maximum supported API version is " + newest,
                engine.get("/v1.99/version").is(400).message());
        assertTrue(engine.get("/v1.5/version").is(400).body().contains("client version 1.5 is too old."));
    }

    @Test
    void an_old_client_negotiates_down(Docker docker, Engine engine) {
        assertEquals(200, engine.get("/v1.30/containers/json").status());
        assertEquals(200, engine.get("/v1.40/info").status());
    }

    @Test
    void unknown_paths_are_not_found(Engine engine) {
        assertEquals("page not found", engine.get("/nosuch/path").is(404).message());
        assertEquals("page not found", engine.get("/v1.41/containers").is(404).message());
        assertEquals(
                "page not found",
                engine.get("/internal/container-service/hosts").is(404).message());
        engine.send("PUT", "/containers/json", null, Map.of()).is(404);
    }
}
