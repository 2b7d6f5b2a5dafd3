package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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

    private static final long MOST_BYTES = 450L << 20;

    @TempDir
    static Path directory;

    private static Path archive;
    private static Path layout;
    private static JsonNode index;

    @BeforeAll
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    static void make() throws IOException {
        Launcher.Outcome outcome = Launcher.pack(List.of("images", "--out", directory.toString()));

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
        for (JsonNode entry : index.get("manifests")) {
            names.add(entry.at("/annotations/org.opencontainers.image.ref.name").asText());
            Set<String> layers = new HashSet<>(blobNode(entry).findValuesAsText("digest"));
            if (shared == null) {
                shared = layers;
            } else {
                shared.retainAll(layers);
            }
        }

        String version = names.getFirst().substring(names.getFirst().indexOf(':'));
        assertEquals(PARTS.stream().map(part -> "gantry/" + part + version).toList(), names);
        // Debian, tini and openssl, Java, libraries.
        assertEquals(4, shared.size());
        assertTrue(Files.size(archive) < MOST_BYTES, Files.size(archive) + " bytes");
        // Each blob is what it is called.
        List<String> sums = Commands.lines("sh", "-c", "cd " + layout.resolve("blobs/sha256") + " && sha256sum *");
        assertTrue(sums.size() > PARTS.size());
        for (String line : sums) {
            assertEquals(line.substring(66), line.substring(0, 64));
        }
    }

    @Test
    void services_are_nobody_in_particular_and_hold_no_tools_for_building() throws IOException {
        for (JsonNode entry : index.get("manifests")) {
            JsonNode manifest = blobNode(entry);
            JsonNode image = blobNode(manifest.get("config"));
            boolean agent = entry.at("/annotations/org.opencontainers.image.ref.name")
                    .asText()
                    .startsWith("gantry/agent:");
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
            assertEquals(PARTS.size(), loaded.size(), loaded.toString());

            for (String line : loaded) {
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
                docker.call("run", "--rm", "--entrypoint=/usr/lib/gantry/health", image)
                        .exits(image.startsWith("gantry/agent:") ? 7 : 1);
            }
        }
    }

    /** What a part cannot do without, in its words. */
    private static String missing(String image) {
        return switch (image.substring("gantry/".length(), image.indexOf(':'))) {
            case "gateway" -> "gantry.container-service.url is not set";
            case "agent" -> "No OCI runtime works on this host";
            case "event-service" -> "The config property gantry.";
            default -> "quarkus.datasource.reactive.url";
        };
    }

    private static JsonNode blobNode(JsonNode descriptor) throws IOException {
        String digest = descriptor.get("digest").asText().substring("sha256:".length());
        return Docker.json(Files.readString(layout.resolve("blobs/sha256").resolve(digest)));
    }
}
