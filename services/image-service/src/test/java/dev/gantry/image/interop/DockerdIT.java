package dev.gantry.image.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.luben.zstd.Zstd;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.image.Api;
import dev.gantry.image.TestImage;
import dev.gantry.image.registry.DebianRegistry;
import dev.gantry.image.registry.TestRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images go from Gantry to a real dockerd and back, as files and through a registry. */
@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class DockerdIT {
    @TempDir
    Path directory;

    @Test
    void images_travel_both_ways() throws Exception {
        TestImage image = TestImage.of("seen by both", "and the other layer");
        List<byte[]> compressed = List.of(
                TestRegistry.gzip(image.layers().get(0)),
                Zstd.compress(image.layers().get(1)));
        Path engine = Files.createDirectory(directory.resolve("engine"));
        Path store = Files.createDirectory(directory.resolve("registry"));
        try (RealDockerd dockerd = RealDockerd.start(engine);
                DebianRegistry registry = DebianRegistry.start(store)) {
            String name = registry.name("both");
            Api.load(TestImage.tar(image.dockerFiles(compressed, "both:1")));
            Path archive = Files.write(directory.resolve("ours.tar"), Api.bytes("/images/both:1/get"));

            assertEquals(
                    "Loaded image: both:1",
                    dockerd.docker("load", "-q", "-i", archive.toString()).output());
            assertEquals(
                    image.id(),
                    dockerd.docker("inspect", "-f", "{{.Id}}", "both:1").output());
            assertEquals(
                    size("both:1"),
                    dockerd.docker("inspect", "-f", "{{.Size}}", "both:1").output());

            dockerd.docker("tag", "both:1", name + ":theirs");
            RealDockerd.Outcome pushed = dockerd.docker("push", name + ":theirs");
            assertEquals(0, pushed.exitCode(), pushed.output());
            Api.delete("/images/both:1");
            assertEquals(
                    "Status: Downloaded newer image for " + name + ":theirs",
                    Api.pull(name, "theirs").statuses().getLast());
            assertEquals(
                    image.id(),
                    Api.get("/images/" + name + ":theirs/json")
                            .json()
                            .path("Id")
                            .asText());

            Api.delete("/images/" + name + ":theirs");
            Api.load(image.dockerArchive(name + ":ours"));
            Api.post("/images/" + name + "/push?tag=ours", new byte[0]);
            dockerd.docker("rmi", "both:1", name + ":theirs");
            RealDockerd.Outcome pulled = dockerd.docker("pull", "-q", name + ":ours");
            assertEquals(name + ":ours", pulled.output());
            assertEquals(
                    image.id(),
                    dockerd.docker("inspect", "-f", "{{.Id}}", name + ":ours").output());

            Path theirs = directory.resolve("theirs.tar");
            dockerd.docker("save", "-o", theirs.toString(), name + ":ours");
            Api.delete("/images/" + name + ":ours");
            Api.load(Files.readAllBytes(theirs));
            assertEquals(
                    image.id(),
                    Api.get("/images/" + name + ":ours/json").json().path("Id").asText());
        }
    }

    private static String size(String name) {
        return Api.get("/images/" + name + "/json").json().path("Size").asText();
    }
}
