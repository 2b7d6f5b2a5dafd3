package dev.gantry.image.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.image.Api;
import dev.gantry.image.TestImage;
import dev.gantry.image.registry.TestRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The content store on a small filesystem of its own. Needs root, to mount it. */
@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class FullDiskIT {
    private static final String TOLD = "no space left on device";

    private final TestRegistry registry = new TestRegistry();

    @ConfigProperty(name = "gantry.data-dir")
    Path data;

    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        run("mount", "-t", "tmpfs", "-o", "size=2m", "gantry-test", content());
        mounted = true;
        Files.createDirectories(data.resolve("content/blobs/sha256"));
        Files.createDirectories(data.resolve("content/staging"));
    }

    @AfterEach
    void unmount() throws Exception {
        registry.close();
        if (mounted) {
            run("umount", content());
        }
    }

    @Test
    void a_pull_says_so_leaves_nothing_and_works_once_there_is_space() throws Exception {
        registry.image("big", "1", TestImage.of("small", random(6 << 20)));
        String name = registry.name("big:1");

        Api.Answer full = Api.pull(registry.name("big"), "1");

        assertTrue(full.body().contains(TOLD), full.body());
        assertEquals(List.of(), Api.staging());
        assertEquals(List.of(), Api.blobs());
        assertEquals(404, Api.get("/images/" + name + "/json").status());

        run("mount", "-o", "remount,size=32m", content());
        Api.Answer again = Api.pull(registry.name("big"), "1");

        assertEquals(
                "Status: Downloaded newer image for " + name, again.statuses().getLast());
        assertEquals(200, Api.delete("/images/" + name).status());
    }

    @Test
    void a_load_says_so_and_leaves_nothing() {
        Api.Answer full = Api.load(TestImage.of(random(6 << 20)).dockerArchive("too:big"));

        assertTrue(full.body().contains(TOLD), full.body());
        assertEquals(List.of(), Api.staging());
        assertEquals(List.of(), Api.blobs());
        assertEquals(404, Api.get("/images/too:big/json").status());
    }

    private String content() {
        return data.resolve("content").toString();
    }

    /** Text that does not get much smaller by compression. */
    private static String random(int length) {
        Random random = new Random(7);
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) ('0' + random.nextInt(64)));
        }
        return text.toString();
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }
}
