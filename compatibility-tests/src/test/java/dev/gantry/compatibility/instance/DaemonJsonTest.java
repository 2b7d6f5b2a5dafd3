package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Endpoint;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.RealDockerd;
import dev.gantry.compatibility.fixtures.LoopbackRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dockerd's own configuration file makes of Gantry what it makes of a dockerd. */
@InstanceTest
class DaemonJsonTest {
    private static final String CONFIGURED =
            """
            {"log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3"}, "labels": ["b=x,y"],
             "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 1000, "Hard": 2000},
                                 "core": {"Name": "core", "Soft": 0, "Hard": 0}},
             "default-shm-size": "32m", "default-ipc-mode": "shareable", "init": true, "no-new-privileges": true,
             "dns": ["192.0.2.5"], "dns-search": ["corp.example"], "dns-opts": ["timeout:3"], "live-restore": true,
             "registry-mirrors": ["http://127.0.0.1:1", "MIRROR"], "max-concurrent-downloads": 1,
             "runtimes": {"own": {"path": "/usr/sbin/runc", "runtimeArgs": ["--log-format", "json"]}},
             "insecure-registries": ["registry.example:5000", "10.9.0.0/16"]}
            """;

    private static final String CHANGED =
            """
            {"labels": ["rack=8"], "default-shm-size": "16m", "default-ipc-mode": "private"}
            """;

    private static LoopbackRegistry mirror;

    @TempDir
    Path directory;

    @BeforeAll
    static void startMirror() throws Exception {
        assumeTrue(LoopbackRegistry.isInstalled(), "docker-registry is not installed");
        mirror = LoopbackRegistry.start();
    }

    @AfterAll
    static void stopMirror() throws Exception {
        if (mirror != null) {
            mirror.close();
        }
    }

    private static String configured() {
        return CONFIGURED.replace("MIRROR", "http://" + mirror.host());
    }

    @Test
    void a_real_dockerd_does_what_is_expected_here() throws Exception {
        Path file = Files.writeString(directory.resolve("daemon.json"), configured());
        try (RealDockerd dockerd = RealDockerd.configured(directory.resolve("dockerd"), file);
                Docker docker = new Docker(new Endpoint(dockerd.url(), true))) {
            Images.load(docker);
            assertDoesWhatTheFileSays(docker);

            Files.writeString(file, CHANGED);
            Instance.signal("HUP", List.of(dockerd.pid()));
            assertDoesWhatItSaysNow(docker);

            Files.writeString(file, "{\"foo\": 1}");
            Instance.signal("HUP", List.of(dockerd.pid()));
            assertDoesWhatItSaysNow(docker);
        }
    }

    @Test
    void gantry_does_what_the_file_says() throws Exception {
        // Of a real dockerd in a test the bridge is given another way.
        String configured = configured().replaceFirst("\\{", "{\"bip\": \"10.123.45.6/28\", ");
        Path file = directory.resolve("daemon.json");
        for (Topology topology : List.of(Topology.TOGETHER, Topology.SEPARATE)) {
            Files.writeString(file, configured);
            try (Instance instance = Instance.start(topology, Map.of("gantry.daemon-json", file.toString()));
                    Docker docker = instance.docker()) {
                assertBridgeHasTheAddress(docker);
                assertDoesWhatTheFileSays(docker);

                Files.writeString(file, CHANGED);
                assertEquals(0, instance.launcher("reload").exitCode());
                assertDoesWhatItSaysNow(docker);

                Files.writeString(file, "{\"foo\": 1}");
                Launcher.Outcome refused = instance.launcher("reload");
                assertEquals(
                        List.of("gantry: unable to configure the Docker daemon with file " + file
                                + ": the following directives don't match any configuration option: foo"),
                        refused.lines());
                assertEquals(2, refused.exitCode());
                Instance.signal(
                        "HUP",
                        instance.parts().stream()
                                .filter(part -> !part.equals("servers"))
                                .map(instance::pid)
                                .toList());
                assertDoesWhatItSaysNow(docker);
            }
        }
    }

    private static void assertRunsWithTheRuntime(Docker docker) {
        assertEquals("hi", docker.ok("run", "--rm", "--runtime", "own", Images.BUSYBOX, "echo", "hi"));
        assertEquals("/usr/sbin/runc", docker.ok("info", "-f", "{{(index .Runtimes \"own\").Path}}"));
    }

    private static void assertBridgeHasTheAddress(Docker docker) {
        assertEquals(
                "10.123.45.0/28 10.123.45.6",
                docker.ok(
                        "network", "inspect", "-f", "{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}", "bridge"));
        assertTrue(
                docker.ok("run", "--rm", Images.BUSYBOX, "ip", "route").startsWith("default via 10.123.45.6 dev eth0"));
    }

    private static void assertPullsFromTheMirror(Docker docker) {
        String there = mirror.host() + "/library/mirrored:1";
        docker.ok("tag", Images.BUSYBOX, there);
        docker.ok("push", "-q", there);
        docker.ok("rmi", there);

        assertEquals("docker.io/library/mirrored:1", docker.ok("pull", "-q", "mirrored:1"));
        docker.ok("rmi", "mirrored:1");
        JsonNode registries = Docker.json(docker.ok("info", "-f", "{{json .RegistryConfig}}"));
        assertEquals(
                "[\"http://127.0.0.1:1/\",\"http://" + mirror.host() + "/\"]",
                registries.path("Mirrors").toString());
        assertEquals("10.9.0.0/16", registries.at("/InsecureRegistryCIDRs/0").asText());
        assertEquals(
                "{\"Mirrors\":[],\"Name\":\"registry.example:5000\",\"Official\":false,\"Secure\":false}",
                registries.path("IndexConfigs").path("registry.example:5000").toString());
    }

    private static void assertDoesWhatTheFileSays(Docker docker) {
        assertRunsWithTheRuntime(docker);
        assertPullsFromTheMirror(docker);
        assertEquals("[\"b=x,y\"] json-file", docker.ok("info", "-f", "{{json .Labels}} {{.LoggingDriver}}"));
        docker.ok("create", "--name", "plain", Images.BUSYBOX, "true");
        docker.ok(
                "create",
                "--name",
                "asked",
                "--log-opt",
                "tag=x",
                "--ulimit",
                "nofile=50:60",
                "--ipc",
                "private",
                "--shm-size",
                "1m",
                Images.BUSYBOX,
                "true");
        String shown = "{{json .HostConfig.LogConfig.Config}} {{.HostConfig.ShmSize}} {{.HostConfig.IpcMode}}"
                + " {{json .HostConfig.SecurityOpt}} {{json .HostConfig.Dns}}";

        assertEquals(
                "{\"max-file\":\"3\",\"max-size\":\"10m\"} 33554432 shareable null []",
                docker.ok("inspect", "-f", shown, "plain"));
        assertEquals(
                "{\"max-file\":\"3\",\"max-size\":\"10m\",\"tag\":\"x\"} 1048576 private null" + " []",
                docker.ok("inspect", "-f", shown, "asked"));
        assertEquals("core=0:0 nofile=1000:2000", ulimits(docker, "plain"));
        assertEquals("core=0:0 nofile=50:60", ulimits(docker, "asked"));

        List<String> inside = docker.call(
                        "run",
                        "--rm",
                        Images.BUSYBOX,
                        "sh",
                        "-c",
                        "ulimit -n; ulimit -Hn; tr '\\0' ' ' </proc/1/cmdline | grep -c 'docker-ini[t]'; grep NoNewPrivs /proc/self/status;"
                                + " grep -v '^#' /etc/resolv.conf; df -k /dev/shm | grep -c '32768 '")
                .lines();
        assertEquals(
                List.of(
                        "1000",
                        "2000",
                        "1",
                        "NoNewPrivs:\t1",
                        "",
                        "nameserver 192.0.2.5",
                        "search corp.example",
                        "options timeout:3",
                        "",
                        "1"),
                inside);
        assertEquals(
                List.of("0", "NoNewPrivs:\t0"),
                docker.call(
                                "run",
                                "--rm",
                                "--init=false",
                                "--security-opt",
                                "no-new-privileges=false",
                                Images.BUSYBOX,
                                "sh",
                                "-c",
                                "tr '\\0' ' ' </proc/1/cmdline | grep -c 'docker-ini[t]'; grep NoNewPrivs /proc/self/status")
                        .lines());
        docker.ok("rm", "plain", "asked");
    }

    private static void assertDoesWhatItSaysNow(Docker docker) {
        Docker.await(
                "it has taken up the labels",
                List.of("[\"rack=8\"]"),
                () -> List.of(docker.ok("info", "-f", "{{json .Labels}}")));
        docker.ok("create", "--name", "later", Images.BUSYBOX, "true");
        assertEquals(
                "16777216 private",
                docker.ok("inspect", "-f", "{{.HostConfig.ShmSize}} {{.HostConfig.IpcMode}}", "later"));
        docker.ok("rm", "later");
    }

    private static String ulimits(Docker docker, String container) {
        String all = docker.ok(
                "inspect", "-f", "{{range .HostConfig.Ulimits}}{{.Name}}={{.Soft}}:{{.Hard}} {{end}}", container);
        assertTrue(all.length() < 1000, all);
        return String.join(" ", List.of(all.split(" ")).stream().sorted().toList());
    }
}
