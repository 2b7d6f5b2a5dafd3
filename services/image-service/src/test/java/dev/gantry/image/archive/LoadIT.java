package dev.gantry.image.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.Digest;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.image.Api;
import dev.gantry.image.TestImage;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class LoadIT {
    @Test
    void a_docker_archive_can_be_resolved_and_its_layers_fetched() {
        TestImage image = TestImage.of("a layer", "another");

        Api.Answer answer = Api.load(image.dockerArchive("load-it:1"));

        assertTrue(answer.body().endsWith("{\"stream\":\"Loaded image: load-it:1\\n\"}\r\n"), answer.body());
        JsonNode resolved = resolve("load-it:1");
        assertEquals(image.id(), resolved.path("id").asText());
        assertEquals(2, resolved.path("layers").size());
        String digest = resolved.at("/layers/1/digest").asText();
        byte[] blob = Api.bytes("/internal/image-service/content/" + digest);
        assertEquals(digest, Digest.of(blob));
        assertTrue(resolved.at("/layers/1/source").asText().endsWith("/internal/image-service/content/" + digest));
        Api.Answer part = Api.send(
                Api.request("/internal/image-service/content/" + digest).header("Range", "bytes=0-9"));
        assertEquals(206, part.status());
        assertArrayEquals(Arrays.copyOf(blob, 10), TestImage.bytes(part.body()));
        assertEquals(
                404,
                Api.get("/internal/image-service/content/sha256:" + "0".repeat(64))
                        .status());
        assertEquals(
                404, Api.get("/internal/image-service/content/..%2F..%2Fsecret").status());
    }

    @Test
    void a_name_taken_from_another_image_is_told() {
        TestImage first = TestImage.of("first of the name");
        Api.load(first.dockerArchive("taken:1"));

        String answer = Api.load(TestImage.of("second of the name").dockerArchive("taken:1"))
                .body();

        assertTrue(
                answer.contains("The image taken:1 already exists, renaming the old one with ID " + first.id()),
                answer);
    }

    @Test
    void a_large_archive_is_streamed() {
        char[] text = new char[24 << 20];
        Arrays.fill(text, 'x');
        TestImage image = TestImage.of(new String(text));

        assertEquals(200, Api.load(image.dockerArchive("large:1")).status());

        assertEquals(
                24 << 20, Api.get("/images/large:1/json").json().path("Size").asInt());
        Api.delete("/images/large:1");
    }

    @Test
    void progress_is_told_while_the_archive_is_read() throws Exception {
        char[] text = new char[8 << 20];
        Arrays.fill(text, 'p');
        TestImage image = TestImage.of(new String(text));
        String diffId = Digest.hex(Digest.of(image.layers().getFirst()));
        byte[] manifest =
                TestImage.bytes("[{\"Config\":\"config.json\",\"RepoTags\":[\"shown:1\"],\"Layers\":[\"blobs/sha256/"
                        + diffId + "\"]}]");
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("blobs/sha256/" + diffId, image.layers().getFirst());
        files.put("config.json", image.config());
        files.put("manifest.json", manifest);
        byte[] archive = TestImage.tar(files);
        int half = archive.length / 2;

        // Java's own client reads no answer before it has sent all.
        int port = Api.request("/").build().uri().getPort();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(TestImage.bytes("POST /images/load?quiet=0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + "Content-Type: application/x-tar\r\nContent-Length: " + archive.length + "\r\n\r\n"));
            out.write(archive, 0, half);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line = in.readLine();
            while (!line.startsWith("{")) {
                line = in.readLine();
            }
            JsonNode first = TestImage.JSON.readTree(line);
            out.write(archive, half, archive.length - half);
            String others = in.lines().collect(Collectors.joining("\n"));

            assertEquals("Loading layer", first.path("status").asText());
            assertEquals(diffId.substring(0, 12), first.path("id").asText());
            assertEquals(
                    image.layers().getFirst().length,
                    first.at("/progressDetail/total").asInt());
            assertTrue(first.at("/progressDetail/current").asInt() <= half, first::toString);
            assertTrue(others.contains("{\"stream\":\"Loaded image: shown:1\\n\"}"), others);
        }
        Api.delete("/images/shown:1");
    }

    @Test
    void a_bzip2_layer_is_stored_so_that_agents_can_read_it() throws IOException {
        TestImage image = TestImage.of("packed hard");
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (BZip2CompressorOutputStream out = new BZip2CompressorOutputStream(packed)) {
            out.write(image.layers().getFirst());
        }

        Api.load(TestImage.tar(image.dockerFiles(List.of(packed.toByteArray()), "bzip2:1")));

        assertEquals(
                Digest.of(image.layers().getFirst()),
                resolve("bzip2:1").at("/layers/0/digest").asText());
        assertEquals(List.of(), Api.staging());
    }

    private static JsonNode resolve(String reference) {
        return Api.get("/internal/image-service/images/resolve?reference=" + reference)
                .json();
    }
}
