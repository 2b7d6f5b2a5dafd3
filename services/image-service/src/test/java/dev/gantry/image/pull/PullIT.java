package dev.gantry.image.pull;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.Digest;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.image.Api;
import dev.gantry.image.TestImage;
import dev.gantry.image.manifest.MediaTypes;
import dev.gantry.image.registry.TestRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class PullIT {
    private final TestRegistry registry = new TestRegistry();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void an_image_with_every_compression_is_pulled_with_dockers_statuses() {
        TestImage image = TestImage.of("one", "two", "three", "four");
        byte[] manifest = registry.image("team/app", "1", image);

        Api.Answer first = Api.pull(registry.name("team/app"), "1");
        Api.Answer second = Api.pull(registry.name("team/app"), "1");

        List<String> statuses = first.statuses();
        assertEquals("Pulling from team/app", statuses.getFirst());
        assertEquals(4, statuses.stream().filter("Pulling fs layer"::equals).count(), first.body());
        assertEquals(1, statuses.stream().filter("Waiting"::equals).count());
        assertEquals(4, statuses.stream().filter("Download complete"::equals).count());
        assertEquals(4, statuses.stream().filter("Pull complete"::equals).count());
        assertEquals("Digest: " + Digest.of(manifest), statuses.get(statuses.size() - 2));
        assertEquals("Status: Downloaded newer image for " + registry.name("team/app:1"), statuses.getLast());
        assertEquals(
                "Status: Image is up to date for " + registry.name("team/app:1"),
                second.statuses().getLast());
        assertEquals(
                image.id(),
                Api.get("/internal/image-service/images/resolve?reference=" + registry.name("team/app:1"))
                        .json()
                        .path("id")
                        .asText());
        assertEquals(List.of(), Api.staging());
    }

    @Test
    void an_index_gives_the_image_for_the_platform() {
        byte[] amd = registry.image("multi", "amd", TestImage.of("amd"));
        byte[] arm = registry.image("multi", "arm", TestImage.of("arm").architecture("arm64"));
        String entries = entry(arm, "arm64") + "," + entry(amd, "amd64");
        registry.manifest(
                "multi",
                "latest",
                MediaTypes.OCI_INDEX,
                TestImage.bytes("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                        .formatted(MediaTypes.OCI_INDEX, entries)));

        Api.Answer other = Api.post(
                "/images/create?fromImage=" + registry.name("multi") + "&tag=latest&platform=linux/arm64", new byte[0]);
        Api.Answer missing = Api.post(
                "/images/create?fromImage=" + registry.name("multi") + "&tag=latest&platform=linux/s390x", new byte[0]);

        assertEquals(200, other.status(), other.body());
        assertEquals("arm64", resolved("multi", "").json().path("architecture").asText());
        assertEquals(404, resolved("multi", "linux/amd64").status());
        assertEquals(
                "image with reference " + registry.name("multi")
                        + " was found but does not provide the specified platform (linux/amd64)",
                resolved("multi", "linux/amd64").message());
        assertEquals(404, missing.status());
        assertEquals("no matching manifest for linux/s390x in the manifest list entries", missing.message());
    }

    @Test
    void a_registry_that_lies_or_breaks_off_leaves_nothing() {
        List<String> before = Api.blobs();
        TestImage image = TestImage.of("good", "to be spoilt");
        registry.image("liar", "1", image);
        byte[] spoilt =
                TestRegistry.gzip(TestImage.of("something else").layers().getFirst());
        String layer = "/v2/liar/blobs/"
                + Digest.of(com.github.luben.zstd.Zstd.compress(image.layers().get(1)));

        registry.on(layer, exchange -> TestRegistry.send(exchange, 200, "application/octet-stream", spoilt));
        Api.Answer otherContent = Api.pull(registry.name("liar"), "1");
        registry.on(layer, exchange -> TestRegistry.send(exchange, 200, "application/octet-stream", new byte[100_000]));
        Api.Answer tooLong = Api.pull(registry.name("liar"), "1");
        registry.on(layer, exchange -> {
            exchange.sendResponseHeaders(200, 50_000);
            exchange.getResponseBody().write(new byte[20]);
            exchange.close();
        });
        Api.Answer cut = Api.pull(registry.name("liar"), "1");

        assertTrue(
                otherContent.statuses().getLast().startsWith("filesystem layer verification failed"),
                otherContent.body());
        assertTrue(tooLong.statuses().getLast().startsWith("filesystem layer verification failed"), tooLong.body());
        assertTrue(cut.statuses().contains("Retrying in 1 second"), cut.body());
        assertTrue(cut.statuses().getLast().contains("EOF"), cut.body());
        assertEquals(before, Api.blobs());
        assertEquals(List.of(), Api.staging());
    }

    private Api.Answer resolved(String repository, String platform) {
        return Api.get("/internal/image-service/images/resolve?reference=" + registry.name(repository) + "&platform="
                + Api.encoded(platform));
    }

    private static String entry(byte[] manifest, String architecture) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}"
                .formatted(MediaTypes.OCI_MANIFEST, Digest.of(manifest), manifest.length, architecture);
    }
}
