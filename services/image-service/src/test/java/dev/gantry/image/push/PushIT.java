package dev.gantry.image.push;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.Digest;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.image.Api;
import dev.gantry.image.TestImage;
import dev.gantry.image.registry.DebianRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class PushIT {
    @TempDir
    Path directory;

    @Test
    void what_is_pushed_to_a_real_registry_comes_back() throws Exception {
        TestImage image = TestImage.of("pushed", "up");
        Api.load(image.dockerArchive("local:1"));
        try (DebianRegistry registry = DebianRegistry.start(directory)) {
            String name = registry.name("some/where");
            Api.post("/images/local:1/tag?repo=" + name + "&tag=v1", new byte[0]);

            Api.Answer first = push(name, "v1");
            Api.Answer again = push(name, "v1");
            Api.delete("/images/local:1");
            Api.delete("/images/" + name + ":v1");
            Api.Answer gone = Api.get("/images/" + name + ":v1/json");
            Api.Answer pulled = Api.pull(name, "v1");

            assertEquals(
                    "The push refers to repository [" + name + "]",
                    first.statuses().getFirst());
            assertEquals(2, first.statuses().stream().filter("Pushed"::equals).count(), first.body());
            assertEquals(
                    2,
                    again.statuses().stream()
                            .filter("Layer already exists"::equals)
                            .count(),
                    again.body());
            assertEquals(404, gone.status());
            assertEquals(
                    "Status: Downloaded newer image for " + name + ":v1",
                    pulled.statuses().getLast());
            String digest = pulled.statuses().get(pulled.statuses().size() - 2).substring("Digest: ".length());
            assertTrue(first.body().contains("v1: digest: " + digest), first.body());
            assertEquals(
                    "[\"" + name + "@" + digest + "\"]",
                    Api.get("/images/" + Digest.shortened(image.id()) + "/json")
                            .json()
                            .path("RepoDigests")
                            .toString());
            assertEquals(
                    "manifest for " + name + ":nosuch not found: manifest unknown: manifest unknown",
                    Api.pull(name, "nosuch").message());
        }
    }

    @Test
    void a_name_that_leads_nowhere_is_not_pushed() {
        List<String> lines = push("127.0.0.1:1/nosuch", "1").statuses();

        assertEquals("The push refers to repository [127.0.0.1:1/nosuch]", lines.getFirst());
        assertEquals("An image does not exist locally with the tag: 127.0.0.1:1/nosuch", lines.getLast());
    }

    private static Api.Answer push(String name, String tag) {
        return Api.post("/images/" + name + "/push?tag=" + tag, new byte[0], "X-Registry-Auth", "e30=");
    }
}
