package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docker inspect} of containers. */
@EndpointTest
class InspectTest {
    @Test
    void shows_what_was_asked_for(Docker docker) {
        String name = docker.name("all");
        docker.ok(
                "create",
                "--name",
                name,
                "-m",
                "64m",
                "--cpus",
                "0.5",
                "--pids-limit",
                "50",
                "--read-only",
                "--hostname",
                "box",
                "-e",
                "A=b",
                "-w",
                "/tmp",
                "-u",
                "app",
                "--label",
                "k=v",
                "--cap-add",
                "NET_ADMIN",
                "--cap-drop",
                "MKNOD",
                "--restart",
                "on-failure:3",
                "--stop-signal",
                "USR1",
                "--stop-timeout",
                "3",
                "--tmpfs",
                "/t:size=1m",
                "--init",
                "--dns",
                "192.0.2.53",
                "--add-host",
                "other:192.0.2.1",
                "--shm-size",
                "8m",
                "--ulimit",
                "nofile=100:200",
                "-p",
                "127.0.0.1:0:80",
                "--oom-score-adj",
                "10",
                "--security-opt",
                "no-new-privileges",
                Images.BUSYBOX,
                "echo",
                "x");

        JsonNode it = docker.inspect(name);

        JsonNode host = it.get("HostConfig");
        assertEquals(64 << 20, host.get("Memory").asLong());
        assertEquals(500_000_000, host.get("NanoCpus").asLong());
        assertEquals(50, host.get("PidsLimit").asLong());
        assertTrue(host.get("ReadonlyRootfs").asBoolean());
        assertTrue(host.get("CapAdd").get(0).asText().matches("(CAP_)?NET_ADMIN"));
        assertTrue(host.get("CapDrop").get(0).asText().matches("(CAP_)?MKNOD"));
        assertEquals("on-failure", host.at("/RestartPolicy/Name").asText());
        assertEquals(3, host.at("/RestartPolicy/MaximumRetryCount").asInt());
        assertEquals("size=1m", host.at("/Tmpfs/~1t").asText());
        assertTrue(host.get("Init").asBoolean());
        assertEquals("192.0.2.53", host.at("/Dns/0").asText());
        assertEquals("other:192.0.2.1", host.at("/ExtraHosts/0").asText());
        assertEquals(8 << 20, host.get("ShmSize").asLong());
        assertEquals(200, host.at("/Ulimits/0/Hard").asLong());
        assertEquals(10, host.get("OomScoreAdj").asInt());
        assertEquals("127.0.0.1", host.at("/PortBindings/80~1tcp/0/HostIp").asText());
        JsonNode config = it.get("Config");
        assertEquals("box", config.get("Hostname").asText());
        assertEquals("A=b", config.at("/Env/0").asText());
        assertEquals("/tmp", config.get("WorkingDir").asText());
        assertEquals("app", config.get("User").asText());
        assertEquals("v", config.at("/Labels/k").asText());
        assertEquals("USR1", config.get("StopSignal").asText());
        assertEquals(3, config.get("StopTimeout").asInt());
        assertEquals(Images.BUSYBOX, config.get("Image").asText());
        assertEquals("echo", it.get("Path").asText());
        assertEquals("x", it.at("/Args/0").asText());
    }

    @Test
    void state_follows_the_containers_life(Docker docker) {
        String name = docker.name("life");
        docker.ok("create", "--name", name, Images.BUSYBOX, "sh", "-c", "sleep 100; exit 1");
        JsonNode created = docker.inspect(name).get("State");
        assertEquals("created", created.get("Status").asText());
        assertEquals("0001-01-01T00:00:00Z", created.get("StartedAt").asText());
        assertEquals("0001-01-01T00:00:00Z", created.get("FinishedAt").asText());

        docker.ok("start", name);
        JsonNode running = docker.inspect(name).get("State");
        assertEquals("running", running.get("Status").asText());
        assertTrue(running.get("Running").asBoolean());
        assertTrue(running.get("Pid").asInt() > 1);
        assertTrue(Instant.parse(running.get("StartedAt").asText()).isAfter(Instant.parse("2024-01-01T00:00:00Z")));

        docker.ok("kill", name);
        JsonNode exited = docker.inspect(name).get("State");
        assertEquals("exited", exited.get("Status").asText());
        assertEquals(137, exited.get("ExitCode").asInt());
        assertEquals(0, exited.get("Pid").asInt());
        assertTrue(Instant.parse(exited.get("FinishedAt").asText())
                .isAfter(Instant.parse(exited.get("StartedAt").asText())));
    }

    @Test
    void image_settings_and_volumes_are_merged_in(Docker docker) {
        String name = docker.name("merged");
        docker.ok("create", "--name", name, "-e", "MORE=1", "--label", "origin=command", Images.CONFIGURED);

        JsonNode it = docker.inspect(name);

        assertEquals("/bin/echo", it.get("Path").asText());
        assertEquals("entry", it.at("/Args/0").asText());
        assertEquals("default", it.at("/Args/1").asText());
        assertEquals("command", it.at("/Config/Labels/origin").asText());
        assertEquals("yes", it.at("/Config/Labels/kept").asText());
        assertTrue(it.at("/Config/Env").toString().contains("FROM_IMAGE=yes"));
        assertTrue(it.at("/Config/Env").toString().contains("MORE=1"));
        assertTrue(it.at("/Config/ExposedPorts").has("8080/tcp"));
        assertEquals("SIGUSR1", it.at("/Config/StopSignal").asText());
        assertEquals("volume", it.at("/Mounts/0/Type").asText());
        assertEquals("/data", it.at("/Mounts/0/Destination").asText());
        assertTrue(it.at("/Mounts/0/Name").asText().matches("[0-9a-f]{64}"));
        assertTrue(it.at("/Mounts/0/RW").asBoolean());
    }

    @Test
    void networks_show_address_and_gateway_while_it_runs(Docker docker) {
        String name = docker.sleeping("net");

        JsonNode bridge = docker.inspect(name).at("/NetworkSettings/Networks/bridge");

        assertTrue(bridge.get("IPAddress").asText().matches("[0-9]+(\\.[0-9]+){3}"), bridge::toString);
        assertTrue(bridge.get("Gateway").asText().matches("[0-9]+(\\.[0-9]+){3}"));
        assertTrue(bridge.get("MacAddress").asText().matches("([0-9a-f]{2}:){5}[0-9a-f]{2}"));
        assertTrue(bridge.get("IPPrefixLen").asInt() >= 8);
        assertTrue(bridge.get("EndpointID").asText().matches("[0-9a-f]{64}"));
        assertEquals(
                docker.ok("exec", name, "sh", "-c", "ip -4 -o addr show eth0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/'"),
                bridge.get("IPAddress").asText());
        docker.ok("stop", "-t", "1", name);
        assertEquals(
                "",
                docker.ok("inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", name)
                        .replace("invalid IP", ""));
    }

    @Test
    void several_names_prefixes_and_formats(Docker docker) {
        String one = docker.name("one");
        String two = docker.name("two");
        String id = docker.ok("create", "--name", one, Images.BUSYBOX);
        docker.ok("create", "--name", two, Images.BUSYBOX);

        assertEquals("/" + one + "\n/" + two, docker.ok("inspect", "-f", "{{.Name}}", one, two));
        assertEquals(id, docker.ok("inspect", "-f", "{{.Id}}", id.substring(0, 12)));
        assertEquals(id, docker.ok("inspect", "-f", "{{.Id}}", "/" + one));
        assertEquals("sh", docker.ok("inspect", "-f", "{{index .Config.Cmd 0}}", one));
        assertTrue(docker.ok("inspect", "-s", "-f", "{{.SizeRootFs}}", one).matches("[0-9]+"));
    }

    @Test
    void what_is_not_there_is_said(Docker docker) {
        docker.call("inspect", docker.name("none")).exits(1).saysError("no such object: " + docker.name("none"));
        docker.call("container", "inspect", docker.name("none"))
                .exits(1)
                .saysError("no such container: " + docker.name("none"));
    }

    @Test
    void times_have_nanoseconds(Docker docker) {
        String container = docker.ok("run", "-d", "--name", docker.name("times"), Images.BUSYBOX, "true");
        docker.ok("wait", container);
        String network = docker.name("times");
        docker.ok("network", "create", network);
        for (String field : List.of("Created", "State.StartedAt", "State.FinishedAt")) {
            assertHasNanoseconds(docker.ok("inspect", "-f", "{{." + field + "}}", container));
        }
        assertHasNanoseconds(docker.ok("network", "inspect", "-f", "{{json .Created}}", network));
    }

    private static void assertHasNanoseconds(String time) {
        assertTrue(time.replace("\"", "").matches("[0-9T:-]+\\.[0-9]{7,9}(Z|[+-][0-9:]{5})"), time);
    }
}
