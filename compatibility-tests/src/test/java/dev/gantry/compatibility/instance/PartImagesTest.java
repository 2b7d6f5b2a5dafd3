package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.deployment.PodsOnDocker;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Endpoint;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.RealDockerd;
import dev.gantry.compatibility.docker.Result;
import dev.gantry.compatibility.fixtures.LoopbackRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code gantry images} makes is looked at, and run. */
@InstanceTest
class PartImagesTest {
    private static final List<String> PARTS = List.of(
            "image-service",
            "container-service",
            "network-service",
            "event-service",
            "cluster-service",
            "gateway",
            "agent");

    private static final List<String> SERVERS = List.of("postgres", "kafka", "balancer");

    private static final long MOST_BYTES = 450L << 20;

    @TempDir
    static Path directory;

    private static Path archive;
    private static Path layout;
    private static JsonNode index;
    private static RealDockerd dockerd;
    private static LoopbackRegistry registry;

    @BeforeAll
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    static void make() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("images", "--servers", "--out", directory.toString()));
        if (LoopbackRegistry.isInstalled()) {
            registry = LoopbackRegistry.start();
            command.addAll(List.of("--push", registry.host() + "/team/gantry"));
        }
        Launcher.Outcome outcome = Launcher.pack(command);

        assertEquals(0, outcome.exitCode(), outcome.printed());
        try (var files = Files.newDirectoryStream(directory, "gantry-images-*.tar")) {
            archive = files.iterator().next();
        }
        layout = Files.createDirectory(directory.resolve("layout"));
        Commands.lines("tar", "-xf", archive.toString(), "-C", layout.toString());
        index = Docker.json(Files.readString(layout.resolve("index.json")));
    }

    @Test
    void images_are_all_there_and_small() throws IOException {
        List<String> names = new ArrayList<>();
        Set<String> shared = null;
        Map<String, Long> sizes = new HashMap<>();
        for (JsonNode entry : index.get("manifests")) {
            names.add(nameOf(entry));
            if (PARTS.contains(nameOf(entry))) {
                Set<String> layers = new HashSet<>();
                for (JsonNode layer : blobNode(entry).get("layers")) {
                    layers.add(layer.get("digest").asText());
                    sizes.put(layer.get("digest").asText(), layer.get("size").asLong());
                }
                if (shared == null) {
                    shared = layers;
                } else {
                    shared.retainAll(layers);
                }
            }
        }

        assertEquals(Stream.concat(PARTS.stream(), SERVERS.stream()).toList(), names);
        // Debian, tini and openssl, Java, libraries.
        assertEquals(4, shared.size());
        long bytes = sizes.values().stream().mapToLong(Long::longValue).sum();
        assertTrue(bytes < MOST_BYTES, bytes + " bytes");
        // Each blob is what it is called.
        List<String> sums = Commands.lines("sh", "-c", "cd " + layout.resolve("blobs/sha256") + " && sha256sum *");
        assertTrue(sums.size() > PARTS.size());
        for (String line : sums) {
            assertEquals(line.substring(66), line.substring(0, 64));
        }
    }

    @Test
    void registry_has_what_is_in_the_archive() throws Exception {
        assumeTrue(registry != null, "docker-registry is not installed");
        for (JsonNode entry : index.get("manifests")) {
            assertEquals(
                    entry.get("digest").asText(),
                    registry.manifest("team/gantry/" + nameOf(entry), version()).digest());
        }
    }

    @Test
    void services_are_nobody_in_particular_and_hold_no_tools_for_building() throws IOException {
        for (JsonNode entry : index.get("manifests")) {
            if (SERVERS.contains(nameOf(entry))) {
                continue;
            }
            JsonNode manifest = blobNode(entry);
            JsonNode image = blobNode(manifest.get("config"));
            boolean agent = nameOf(entry).equals("agent");
            assertEquals(agent ? "0:0" : "10001:10001", image.at("/config/User").asText());
            assertEquals("/usr/bin/tini", image.at("/config/Entrypoint/0").asText());
            assertEquals(
                    "/usr/lib/gantry/health",
                    image.at("/config/Healthcheck/Test/1").asText());
            for (String label : List.of("title", "version", "created", "licenses", "vendor", "description")) {
                assertTrue(image.at("/config/Labels").has("org.opencontainers.image." + label), label);
            }
            assertEquals(image.at("/config/Labels"), manifest.get("annotations"));
            assertEquals(
                    manifest.get("layers").size(), image.at("/rootfs/diff_ids").size());
        }
        Set<String> files = new HashSet<>();
        try (var blobs = Files.newDirectoryStream(layout.resolve("blobs/sha256"))) {
            for (Path blob : blobs) {
                files.addAll(Commands.lines("tar", "-tzf", blob.toString()));
            }
        }
        assertTrue(files.contains("./usr/lib/gantry/caches/gateway.aot"));
        assertEquals(
                List.of(),
                files.stream()
                        .filter(name ->
                                name.matches(".*(/javac|/mvnw?|/gcc|/pom\\.xml|\\.java|/resolv\\.conf|/etc/hostname)"))
                        .toList());
    }

    @Test
    void every_part_starts_with_its_cache_from_what_cannot_be_written_to() {
        try (Instance instance = Instance.start(Topology.TOGETHER)) {
            Docker docker = instance.docker();
            List<String> loaded =
                    docker.ok("load", "-i", archive.toString()).lines().toList();
            assertEquals(PARTS.size() + SERVERS.size(), loaded.size(), loaded.toString());

            for (String line : loaded.subList(0, PARTS.size())) {
                String image = line.replaceFirst("Loaded image: ", "");
                String user = image.startsWith("gantry/agent:") ? "0" : "10001";
                // It is told nothing of the others, and says so once Java has started with the cache that it must have.
                Result refused = docker.call(
                        "run",
                        "--rm",
                        "--read-only",
                        "--tmpfs=/tmp",
                        "--tmpfs=/run/gantry:mode=700,uid=" + user,
                        "--tmpfs=/var/lib/gantry:mode=700,uid=" + user,
                        "--cap-drop=ALL",
                        "--security-opt=no-new-privileges",
                        "-e=JAVA_OPTIONS=-XX:AOTMode=on",
                        image);
                String printed = refused.out() + refused.err();
                assertTrue(refused.exitCode() > 0 && printed.contains(missing(image)), line + "\n" + printed);
                if (image.contains("-service:")) {
                    assertEquals(
                            List.of(1, 1L),
                            List.of(refused.exitCode(), printed.lines().count()),
                            printed);
                }
                docker.call("run", "--rm", "--entrypoint=/usr/lib/gantry/health", image)
                        .exits(image.startsWith("gantry/agent:") ? 7 : 1);
            }
        }
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void containers_outlive_the_control_plane_that_compose_upgrades_and_takes_down() throws Exception {
        Path there = Files.createDirectory(directory.resolve("compose"));
        try (Docker host = host()) {
            assumeTrue(ComposeDeployment.isPossible(host), "Compose 2 is not there");
            ComposeDeployment deployment = new ComposeDeployment(host, there, version(), "docker-compose.yml");
            try {
                deployment.up();
                Path busybox = there.resolve("busybox.tar");
                Files.write(busybox, Images.busybox().archive(Images.BUSYBOX));
                deployment.docker().ok("load", "-i", busybox.toString());
                assertEquals("hi", deployment.docker().ok("run", "--rm", Images.BUSYBOX, "echo", "hi"));
                // Bind mounts are of the host, not of the agent's image.
                Path bound = there.resolve("bound/made");
                deployment.docker().ok("run", "--rm", "-v", bound + ":/x", Images.BUSYBOX, "touch", "/x/here");
                assertTrue(Files.exists(bound.resolve("here")));

                deployment
                        .docker()
                        .ok("run", "-d", "--name", "counting", Images.BUSYBOX, "sh", "-c", KillMatrix.COUNTING);
                String pid = deployment.docker().ok("inspect", "-f", "{{.State.Pid}}", "counting");
                for (String name :
                        Stream.concat(PARTS.stream(), SERVERS.stream()).toList()) {
                    host.ok("tag", "gantry/" + name + ":" + version(), "gantry/" + name + ":newer");
                }
                deployment.use("newer");
                deployment.listenInTheClear();
                try (UnderWay clients = new UnderWay(deployment.docker())) {
                    clients.awaitAnswers();
                    deployment.up();
                    clients.awaitAnswers();
                    clients.finish("counting");
                }
                assertEquals(pid, deployment.docker().ok("inspect", "-f", "{{.State.Pid}}", "counting"));
                assertServesLoopbackInTheClear(deployment);
                deployment.compose("down").text();
                assertTrue(ProcessHandle.of(Long.parseLong(pid)).isPresent());
                deployment.up();

                assertEquals(pid, deployment.docker().ok("inspect", "-f", "{{.State.Pid}}", "counting"));
                List<String> lines =
                        deployment.docker().call("logs", "counting").lines();
                assertEquals(
                        IntStream.range(0, lines.size())
                                .mapToObj(Integer::toString)
                                .toList(),
                        lines);
                deployment.docker().ok("rm", "-f", "counting");
                Docker.await("nothing is left of containers", List.of("0"), deployment::rowsOfContainers);
            } finally {
                deployment.remove();
            }
            assertEquals(List.of(), HostOfAgent.leftovers(there));
        }
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void gantry_runs_the_doubled_control_plane_of_another_one() throws Exception {
        Path there = Files.createDirectory(directory.resolve("inner"));
        try (Instance outer = Instance.startShared(Topology.TOGETHER);
                Docker host = outer.docker()) {
            assumeTrue(ComposeDeployment.isPossible(host), "Compose 2 is not there");
            host.callWithin(240, "load", "-q", "-i", archive.toString()).text();
            String before = host.ok("run", "-d", "--name", "outer", Images.BUSYBOX, "sleep", "1000");
            ComposeDeployment inner =
                    new ComposeDeployment(host, there, version(), "docker-compose.yml", "docker-compose.ha.yml");
            try {
                inner.up();
                Path busybox = there.resolve("busybox.tar");
                Files.write(busybox, Images.busybox().archive(Images.BUSYBOX));
                inner.docker().ok("load", "-i", busybox.toString());
                assertEquals("hi", inner.docker().ok("run", "--rm", Images.BUSYBOX, "echo", "hi"));
                inner.docker().ok("run", "-d", "--name", "inner", Images.BUSYBOX, "sleep", "1000");
                String pid = inner.docker().ok("inspect", "-f", "{{.State.Pid}}", "inner");

                // What is there more than once can go.
                inner.compose("kill", "gateway", "kafka-2").text();
                assertEquals("hi", inner.docker().ok("run", "--rm", Images.BUSYBOX, "echo", "hi"));
                inner.up("--force-recreate");

                assertEquals(pid, inner.docker().ok("inspect", "-f", "{{.State.Pid}}", "inner"));
                assertEquals("inner", inner.docker().ok("ps", "--format", "{{.Names}}"));
                assertFalse(host.ok("ps", "-q", "--no-trunc", "--filter", "name=^outer$")
                        .isEmpty());
                inner.docker().ok("rm", "-f", "inner");
            } finally {
                inner.remove();
            }
            assertEquals(before, host.ok("ps", "-aq", "--no-trunc"), "only what was there before");
            assertEquals(List.of(), HostOfAgent.leftovers(there));
            host.ok("rm", "-f", "outer");
        }
    }

    private static void assertServesLoopbackInTheClear(ComposeDeployment deployment) throws Exception {
        int port = deployment.clearPort();
        try (Docker docker = new Docker(new Endpoint("tcp://127.0.0.1:" + port, true))) {
            assertTrue(docker.ok("ps", "--format", "{{.Names}}").contains("counting"));
        }
        HttpRequest ofAPage = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/_ping"))
                .header("Origin", "http://elsewhere.example")
                .build();
        try (HttpClient browser = HttpClient.newHttpClient();
                Socket elsewhere = new Socket()) {
            assertEquals(403, browser.send(ofAPage, BodyHandlers.discarding()).statusCode());
            assertThrows(
                    ConnectException.class,
                    () -> elsewhere.connect(new InetSocketAddress(ComposeDeployment.HOST, port), 5_000));
        }
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void pods_run_with_what_their_manifests_give_them() throws Exception {
        Path there = Files.createDirectory(directory.resolve("pods"));
        try (Docker host = host()) {
            String bridge = "gantrypods0";
            String table = "gantry-pods";
            PodsOnDocker pods = new PodsOnDocker(
                    host,
                    there,
                    version(),
                    Map.of("GANTRY_NETWORK_BRIDGE", bridge, "GANTRY_AGENT_NFTABLES_TABLE", table));
            try {
                pods.up();
                Path busybox = there.resolve("busybox.tar");
                Files.write(busybox, Images.busybox().archive(Images.BUSYBOX));
                pods.docker().ok("load", "-i", busybox.toString());

                assertEquals("hi", pods.docker().ok("run", "--rm", Images.BUSYBOX, "echo", "hi"));
                for (String part : List.of("agent", "image-service", "gateway")) {
                    pods.dockerAs(part).call("ps").saysError("tls: ");
                }
            } finally {
                pods.remove();
                HostOfAgent.forget(bridge, table);
            }
            assertEquals(List.of(), HostOfAgent.leftovers(there));
        }
    }

    /** Of its own: what runs in a deployment's containers, and the directories that they are in, outlive them. */
    private static Docker host() throws IOException, InterruptedException {
        if (dockerd == null) {
            dockerd = RealDockerd.startShared(directory.resolve("dockerd"));
            new Docker(new Endpoint(dockerd.url(), true))
                    .callWithin(240, "load", "-q", "-i", archive.toString())
                    .text();
        }
        return new Docker(new Endpoint(dockerd.url(), true));
    }

    @AfterAll
    static void stop() throws Exception {
        if (dockerd != null) {
            dockerd.close();
        }
        if (registry != null) {
            registry.close();
        }
    }

    /** What a part cannot do without, in its words. */
    private static String missing(String image) {
        return switch (image.substring("gantry/".length(), image.indexOf(':'))) {
            case "gateway" -> "-service.url is not set: this process calls ";
            case "agent" -> "No OCI runtime works on this host";
            default -> "gantry: gantry.postgres.jdbc-url is not set: ";
        };
    }

    private static String nameOf(JsonNode entry) {
        return entry.at("/annotations/org.opencontainers.image.ref.name")
                .asText()
                .replaceFirst("^gantry/([a-z-]+):.*", "$1");
    }

    private static String version() {
        return index.at("/manifests/0/annotations/org.opencontainers.image.ref.name")
                .asText()
                .replaceFirst("^.*:", "");
    }

    private static JsonNode blobNode(JsonNode descriptor) throws IOException {
        String digest = descriptor.get("digest").asText().substring("sha256:".length());
        return Docker.json(Files.readString(layout.resolve("blobs/sha256").resolve(digest)));
    }
}
