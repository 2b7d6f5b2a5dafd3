package dev.gantry.image.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.gantry.agent.api.Digest;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.image.Api;
import dev.gantry.image.TestImage;
import dev.gantry.image.registry.TestRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class SaveIT {
    @Test
    void what_was_saved_loads_again_and_is_the_same_each_time() throws IOException {
        TestImage image = TestImage.of("saved", "twice");
        List<byte[]> compressed = List.of(
                TestRegistry.gzip(image.layers().get(0)),
                Zstd.compress(image.layers().get(1)));
        Api.load(TestImage.tar(image.dockerFiles(compressed, "save/me:1", "save/me:2")));

        byte[] first = Api.bytes("/images/save/me/get");
        byte[] second = Api.bytes("/images/get?names=save/me:1&names=save/me:2");
        Api.delete("/images/" + Digest.hex(image.id()) + "?force=1");
        Api.Answer loaded = Api.load(TestRegistry.gzip(first));
        byte[] third = Api.bytes("/images/save/me/get");

        assertArrayEquals(first, second);
        assertArrayEquals(first, third);
        assertTrue(loaded.body().contains("Loaded image: save/me:2"), loaded.body());
        Map<String, byte[]> files = files(first);
        assertEquals(
                "{\"imageLayoutVersion\":\"1.0.0\"}",
                new String(files.get("oci-layout"), java.nio.charset.StandardCharsets.UTF_8));
        String layer = "blobs/sha256/" + Digest.hex(Digest.of(image.layers().get(1)));
        assertArrayEquals(image.layers().get(1), files.get(layer));
        assertEquals(
                layer,
                TestImage.JSON
                        .readTree(files.get("manifest.json"))
                        .at("/0/Layers/1")
                        .asText());
        assertEquals(
                "docker.io/save/me:2",
                TestImage.JSON
                        .readTree(files.get("index.json"))
                        .path("manifests")
                        .get(1)
                        .path("annotations")
                        .path("io.containerd.image.name")
                        .asText());
    }

    @Test
    void an_archive_with_only_an_oci_layout_loads() throws IOException {
        TestImage image = TestImage.of("layout");
        Api.load(image.dockerArchive("layout:1"));
        Map<String, byte[]> files = files(Api.bytes("/images/layout:1/get"));
        files.remove("manifest.json");
        files.remove("repositories");
        Api.delete("/images/layout:1");

        Api.Answer loaded = Api.load(Zstd.compress(TestImage.tar(files)));

        assertTrue(loaded.body().contains("Loaded image: layout:1"), loaded.body());
    }

    @Test
    void bad_archives_are_refused_and_leave_nothing() {
        List<String> before = Api.blobs();
        TestImage image = TestImage.of("bad");
        byte[] good = image.dockerArchive("bad:1");

        assertEquals(
                "Error processing tar file(exit status 1): archive/tar: invalid tar header",
                Api.load(noise()).message());
        assertEquals(
                "Error processing tar file(exit status 1): unexpected EOF",
                Api.load(java.util.Arrays.copyOf(good, 1000)).message());
        assertEquals(
                "Error processing tar file(exit status 1): unexpected EOF",
                Api.load(new byte[8]).message());
        assertEquals(
                "invalid archive: does not contain a manifest.json",
                Api.load(TestImage.tar(Map.of("x", new byte[3]))).message());
        assertTrue(Api.load(TestImage.tar(image.dockerFiles(List.of(new byte[2000]), "bad:1")))
                .message()
                .startsWith("invalid diffID for layer 0: expected \""));
        assertEquals(
                "invalid reference format: repository name (library/Bad) must be lowercase",
                Api.load(image.dockerArchive("Bad:1")).message());
        Map<String, byte[]> outside = image.dockerFiles(image.layers(), "bad:1");
        outside.put("../../../../tmp/gantry-escape", new byte[1]);
        assertEquals(200, Api.load(TestImage.tar(outside)).status());
        assertTrue(!java.nio.file.Files.exists(java.nio.file.Path.of("/tmp/gantry-escape")));
        Api.delete("/images/bad:1");

        assertEquals(before, Api.blobs());
        assertEquals(List.of(), Api.staging());
    }

    @Test
    void an_unknown_image_cannot_be_saved() {
        assertEquals(
                new Api.Answer(404, "{\"message\":\"No such image: nosuch:latest\"}"), Api.get("/images/nosuch/get"));
    }

    private static byte[] noise() {
        byte[] noise = new byte[2048];
        new java.util.Random(1).nextBytes(noise);
        return noise;
    }

    private static Map<String, byte[]> files(byte[] archive) throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isFile()) {
                    files.put(entry.getName(), tar.readAllBytes());
                }
            }
        }
        return files;
    }
}
