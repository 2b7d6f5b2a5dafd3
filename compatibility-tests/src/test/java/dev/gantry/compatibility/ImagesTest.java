package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.TestImages;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docker images}, {@code image inspect}, {@code history}, {@code tag}, {@code rmi}. */
@EndpointTest
class ImagesTest {
    /** An image of the test's own, tagged with the reference. */
    private static String loaded(Docker docker, String reference) {
        byte[] mark = new Images.Tar().text("mark", reference).bytes();
        docker.callWithInput(TestImages.busybox().withLayer(mark).dockerArchive(reference), "load")
                .exits(0);
        return docker.ok("inspect", "-f", "{{.Id}}", reference);
    }

    @Test
    void the_list_shows_repository_tag_and_id(Docker docker) {
        String reference = docker.reference("list:v1");
        String id = loaded(docker, reference);

        assertEquals(
                reference.replace(":v1", "") + " v1 " + id,
                docker.ok("images", "--no-trunc", "--format", "{{.Repository}} {{.Tag}} {{.ID}}", reference));
        assertEquals(id.substring(7, 19), docker.ok("images", "-q", reference));
        assertTrue(docker.ok("images").startsWith("REPOSITORY"));
    }

    @Test
    void filters_select(Docker docker) {
        String one = docker.reference("one:a");
        String two = docker.reference("two:b");
        String id = loaded(docker, one);
        docker.ok("tag", one, two);
        docker.ok("tag", Images.CONFIGURED, docker.reference("conf:c"));

        assertEquals(List.of(one), references(docker, "--filter", "reference=" + one));
        assertEquals(
                List.of(one, two),
                references(
                        docker,
                        "--filter",
                        "reference=" + docker.name("").replaceFirst("^", "gantry-compat/") + "t*",
                        "--filter",
                        "reference=" + one));
        assertEquals(
                1,
                docker.call(
                                "images",
                                "-q",
                                "--filter",
                                "label=origin=image",
                                docker.name("").replaceFirst("^", "gantry-compat/") + "conf:c")
                        .lines()
                        .size());
        assertEquals(List.of(), references(docker, "--filter", "label=nosuch", "--filter", "reference=" + one));
        assertEquals(List.of(), references(docker, "--filter", "dangling=true", "--filter", "reference=" + one));
        assertTrue(docker.ok("images", "--no-trunc", "-q").contains(id));
        docker.call("images", "--filter", "nosuch=x").exits(1).saysError("invalid filter '?nosuch");
    }

    private static List<String> references(Docker docker, String... options) {
        List<String> arguments = new java.util.ArrayList<>(List.of("images", "--format", "{{.Repository}}:{{.Tag}}"));
        arguments.addAll(List.of(options));
        return docker.call(arguments.toArray(String[]::new)).lines().stream()
                .sorted()
                .toList();
    }

    @Test
    void inspect_shows_the_configuration(Docker docker) {
        JsonNode it =
                Docker.json(docker.ok("image", "inspect", Images.CONFIGURED)).get(0);

        assertTrue(it.get("Id").asText().matches("sha256:[0-9a-f]{64}"));
        assertTrue(it.at("/RepoTags").toString().contains(Images.CONFIGURED));
        assertEquals("amd64", it.get("Architecture").asText());
        assertEquals("linux", it.get("Os").asText());
        assertEquals("/work/dir", it.at("/Config/WorkingDir").asText());
        assertEquals("entry", it.at("/Config/Entrypoint/1").asText());
        assertEquals("default", it.at("/Config/Cmd/0").asText());
        assertEquals("image", it.at("/Config/Labels/origin").asText());
        assertTrue(it.at("/Config/Volumes").has("/data"));
        assertEquals("layers", it.at("/RootFS/Type").asText());
        assertEquals(
                "sha256:" + Images.sha256(Images.busyboxLayer()),
                it.at("/RootFS/Layers/0").asText());
        assertTrue(it.get("Size").asLong() > 1_000_000);
        assertTrue(it.get("Created").asText().startsWith("2024-01-02T03:04:05"));
        assertEquals(Images.configured().id(), it.get("Id").asText());
    }

    @Test
    void history_shows_the_layers(Docker docker) {
        List<String> lines = docker.call(
                        "history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Comment}}|{{.ID}}", Images.BUSYBOX)
                .lines();

        assertEquals(1, lines.size());
        assertEquals("COPY rootfs /|for tests|" + Images.busybox().id(), lines.getFirst());
        docker.call("history", "gantry-compat/nosuch").exits(1).saysError("no such image");
    }

    @Test
    void names_ids_digests_and_prefixes_find_the_image(Docker docker) {
        String reference = docker.reference("find:v1");
        String id = loaded(docker, reference);

        for (String name : List.of(reference, id, id.substring(7), id.substring(7, 19), "docker.io/" + reference)) {
            assertEquals(id, docker.ok("image", "inspect", "-f", "{{.Id}}", name));
        }
        docker.call("image", "inspect", "gantry-compat/nosuch")
                .exits(1)
                .saysError("no such image: gantry-compat/nosuch");
    }

    @Test
    void tag_adds_a_name_and_moves_it(Docker docker) {
        String first = docker.reference("tag:1");
        String second = docker.reference("tag:2");
        String id = loaded(docker, first);
        String other = loaded(docker, docker.reference("other:1"));

        docker.ok("tag", first, second);
        assertEquals(id, docker.ok("inspect", "-f", "{{.Id}}", second));
        docker.ok("tag", other, second);
        assertEquals(other, docker.ok("inspect", "-f", "{{.Id}}", second));
        docker.call("tag", "gantry-compat/nosuch", second).exits(1).saysError("no such image: gantry-compat/nosuch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/UPPER", "a:b:c", "-dash", "a/:tag", "white space"})
    void bad_references_are_refused(String bad, Docker docker, Engine engine) {
        docker.call("tag", Images.BUSYBOX, bad)
                .exits(1)
                .saysError("invalid reference format|not a valid repository/tag");
        int status = engine.post("/images/" + Images.BUSYBOX + "/tag?repo=" + bad.replace(" ", "%20"))
                .status();
        assertTrue(status == 400 || status == 500, "status " + status);
    }

    @Test
    void rmi_untags_and_removes_the_last(Docker docker) {
        String first = docker.reference("rmi:1");
        String second = docker.reference("rmi:2");
        String id = loaded(docker, first);
        docker.ok("tag", first, second);

        assertEquals("Untagged: " + first, docker.ok("rmi", first));
        docker.call("image", "inspect", id).exits(0);
        String removed = docker.ok("rmi", second);

        assertTrue(removed.startsWith("Untagged: " + second + "\nDeleted: " + id), removed);
        docker.call("image", "inspect", id).exits(1);
        docker.call("rmi", second).exits(1).saysError("no such image: " + second);
    }

    @Test
    void an_image_of_several_names_is_not_removed_by_id(Docker docker) {
        String first = docker.reference("several:1");
        String second = docker.reference("several:2");
        String id = loaded(docker, first);
        docker.ok("tag", first, second);

        docker.call("rmi", id)
                .exits(1)
                .saysError("must be forced.*image is referenced in multiple repositories|"
                        + "unable to delete [0-9a-f]{12} \\(must be forced\\)");
        docker.ok("rmi", "-f", id);
        docker.call("image", "inspect", second).exits(1);
    }

    @Test
    void an_image_in_use_stays(Docker docker) {
        String reference = docker.reference("used:1");
        String id = loaded(docker, reference);
        String container = docker.name("user");
        docker.ok("create", "--name", container, reference, "sleep", "1000");

        docker.call("rmi", reference)
                .exits(1)
                .saysError("conflict: unable to remove repository reference \"" + reference
                        + "\" \\(must force\\) - container [0-9a-f]{12} is using its referenced image");
        docker.ok("start", container);
        docker.call("rmi", "-f", id)
                .exits(1)
                .saysError("cannot be forced\\) - image is being used by running container");
        docker.ok("rm", "-f", container);
        docker.ok("rmi", reference);
    }

    @Test
    void an_untagged_image_is_dangling(Docker docker) {
        String reference = docker.reference("dangling:1");
        String id = loaded(docker, reference);
        docker.ok("tag", Images.BUSYBOX, reference);

        assertTrue(docker.call("images", "-q", "--no-trunc", "--filter", "dangling=true")
                .lines()
                .contains(id));
        docker.ok("rmi", id);
    }

    @Test
    void layers_are_shared_between_images(Docker docker) {
        String one = docker.reference("shared:1");
        String two = docker.reference("shared:2");
        loaded(docker, one);
        loaded(docker, two);

        docker.ok("rmi", one);

        assertEquals(two, docker.ok("run", "--rm", two, "cat", "/mark"));
    }

    @Test
    void an_image_for_another_machine_does_not_run(Docker docker) {
        String reference = docker.reference("foreign:1");
        byte[] archive = new dev.gantry.compatibility.fixtures.TestImage(
                        "s390x",
                        TestImages.plainConfig(),
                        List.of(new Images.Tar().text("x", "x").bytes()))
                .dockerArchive(reference);
        docker.callWithInput(archive, "load").exits(0);

        var result = docker.call("run", "--rm", reference, "/x");

        assertTrue(result.exitCode() >= 125, result::toString);
        result.saysError("does not match the (detected host|specified) platform|exec format error|permission denied");
    }
}
