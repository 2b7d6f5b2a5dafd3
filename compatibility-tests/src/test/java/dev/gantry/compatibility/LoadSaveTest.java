package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import dev.gantry.compatibility.fixtures.TestImage;
import dev.gantry.compatibility.fixtures.TestImages;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docker load} and {@code docker save}. */
@EndpointTest
class LoadSaveTest {
    private static TestImage own(Docker docker) {
        return TestImages.busybox()
                .withLayer(
                        new Images.Tar().text("own", docker.name("own") + "\n").bytes());
    }

    @Test
    void what_is_loaded_is_named_and_runs(Docker docker) {
        String reference = docker.reference("load:v1");

        Result result = docker.callWithInput(own(docker).dockerArchive(reference), "load");

        assertEquals(
                "Loaded image: " + reference, result.text().lines().toList().getLast());
        assertEquals(docker.name("own"), docker.ok("run", "--rm", reference, "cat", "/own"));
        assertEquals(own(docker).id(), docker.ok("inspect", "-f", "{{.Id}}", reference));
    }

    @Test
    void compressed_archives_and_files_are_read(Docker docker, @TempDir Path directory) throws Exception {
        String reference = docker.reference("gz:v1");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(own(docker).dockerArchive(reference));
        }
        Path file = Files.write(directory.resolve("image.tar.gz"), bytes.toByteArray());

        docker.ok("load", "-q", "-i", file.toString());

        assertEquals(own(docker).id(), docker.ok("inspect", "-f", "{{.Id}}", reference));
    }

    @Test
    void a_saved_image_comes_back_the_same(Docker docker, @TempDir Path directory) throws Exception {
        String reference = docker.reference("saved:v1");
        docker.callWithInput(
                        TestImages.whiteouts()
                                .withLayer(new Images.Tar()
                                        .text("own", docker.name("w"))
                                        .bytes())
                                .dockerArchive(reference),
                        "load")
                .exits(0);
        String id = docker.ok("inspect", "-f", "{{.Id}}", reference);
        Path file = directory.resolve("saved.tar");

        docker.ok("save", "-o", file.toString(), reference);
        docker.ok("rmi", reference);
        docker.ok("load", "-i", file.toString());

        assertEquals(id, docker.ok("inspect", "-f", "{{.Id}}", reference));
        assertEquals(docker.name("w"), docker.ok("run", "--rm", reference, "cat", "/own"));
    }

    @Test
    void the_archive_has_manifest_configuration_and_layers(Docker docker, @TempDir Path directory) throws Exception {
        String reference = docker.reference("parts:v1");
        docker.callWithInput(own(docker).dockerArchive(reference), "load").exits(0);
        Path file = directory.resolve("saved.tar");

        docker.ok("save", "-o", file.toString(), reference);

        Map<String, byte[]> files = Images.untar(Files.readAllBytes(file));
        var manifest = Docker.json(new String(files.get("manifest.json"), StandardCharsets.UTF_8))
                .get(0);
        assertEquals(reference, manifest.at("/RepoTags/0").asText());
        assertEquals(
                own(docker).id(),
                "sha256:" + Images.sha256(files.get(manifest.get("Config").asText())));
        assertEquals(2, manifest.get("Layers").size());
    }

    @Test
    void several_images_fit_in_one_archive(Docker docker, @TempDir Path directory) throws Exception {
        String one = docker.reference("several:1");
        String two = docker.reference("several:2");
        docker.callWithInput(own(docker).dockerArchive(one), "load").exits(0);
        docker.ok("tag", Images.CONFIGURED, two);
        Path file = directory.resolve("saved.tar");

        docker.ok("save", "-o", file.toString(), one, two);
        docker.ok("rmi", one, two);
        String loaded = docker.ok("load", "-i", file.toString());

        assertTrue(loaded.contains("Loaded image: " + one), loaded);
        assertTrue(loaded.contains("Loaded image: " + two), loaded);
    }

    @Test
    void an_archive_without_a_name_is_loaded_by_id(Docker docker) {
        byte[] archive = own(docker).dockerArchive();

        String printed = docker.callWithInput(archive, "load").text();

        assertTrue(printed.contains("Loaded image ID: " + own(docker).id()), printed);
        docker.ok("rmi", own(docker).id());
    }

    @Test
    void what_is_no_archive_is_refused(Docker docker, @TempDir Path directory) {
        Result junk = docker.callWithInput("junk".repeat(1000).getBytes(StandardCharsets.UTF_8), "load");
        Result empty = docker.callWithInput(new Images.Tar().text("x", "y").bytes(), "load");

        assertTrue(junk.exitCode() != 0, junk::toString);
        assertTrue(empty.exitCode() != 0, empty::toString);
        docker.call("save", "-o", directory.resolve("x").toString(), "gantry-compat/nosuch")
                .exits(1)
                .saysError("no such image");
    }

    @Test
    void a_layer_that_is_not_what_the_configuration_says_is_refused(Docker docker) {
        String reference = docker.reference("lies:v1");
        Images.Built honest = Images.built(
                new Images.Tar().text("honest", docker.name("honest")).bytes(), "{}", "amd64");
        byte[] other = new Images.Tar().text("other", "content").bytes();

        Result result = docker.callWithInput(new Images.Built(other, honest.config()).archive(reference), "load");

        assertTrue(result.exitCode() != 0, result::toString);
        docker.call("image", "inspect", reference).exits(1);
    }
}
