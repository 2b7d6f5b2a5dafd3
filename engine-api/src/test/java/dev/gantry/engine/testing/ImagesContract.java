package dev.gantry.engine.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.image.ImageUsage;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.image.ResolvedImage;
import dev.gantry.engine.version.ApiVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link Images} and {@link ImageUsage} does. */
public abstract class ImagesContract {
    protected abstract Images images();

    protected abstract ImageUsage usage();

    /** Loads an image under that reference, and returns its id. */
    protected abstract String loaded(String reference) throws Exception;

    @Test
    void an_image_is_resolved_by_reference_and_id() throws Throwable {
        String id = loaded("contract:one");

        ResolvedImage byName = Port.call(() -> images().resolve("contract:one", ""));
        assertEquals(id, byName.id());
        assertEquals(byName, Port.call(() -> images().resolve(id, "")));
    }

    @Test
    void what_is_not_there_is_not_found_in_dockers_words() {
        Port.assertRefused(
                EngineError.NotFound.class, "No such image: nosuch:latest", () -> images().resolve("nosuch", ""));
    }

    @Test
    void references_are_told_of_images_that_there_are() throws Throwable {
        String id = loaded("contract:one");

        List<Images.ImageReferences> found =
                Port.call(() -> images().referencesOf(List.of(id, "sha256:" + "0".repeat(64))));
        assertEquals(List.of(new Images.ImageReferences(id, List.of("contract:one"))), found);
    }

    @Test
    void layers_are_in_use_while_an_image_stands_on_them() throws Throwable {
        loaded("contract:one");
        String chain = Port.call(() -> images().resolve("contract:one", ""))
                .layers()
                .getLast()
                .chainId();

        assertEquals(List.of(chain), Port.call(() -> images().layersInUse(List.of("sha256:" + "0".repeat(64), chain))));
        assertEquals(List.of(), Port.call(() -> images().layersInUse(List.of())));
    }

    @Test
    void images_are_counted_and_measured() throws Throwable {
        String id = loaded("contract:one");

        long count = Port.call(() -> images().count());
        ImageUsage.Usage measured = Port.call(() -> usage().measure(ApiVersion.NEWEST));
        assertEquals(count, measured.images().size());
        assertEquals(
                1,
                measured.images().stream()
                        .filter(image -> image.id().equals(id))
                        .count());
    }

    @Test
    void names_of_new_images_are_read_as_docker_does() throws Throwable {
        assertEquals("", Port.call(() -> images().nameFor("", "t")));
        assertEquals("a:latest", Port.call(() -> images().nameFor("docker.io/library/a", "")));
        assertEquals("a:c", Port.call(() -> images().nameFor("a:b", "c")));
        Port.assertRefused(EngineError.BadParameter.class, "invalid tag format", () -> images().nameFor("a", "b c"));
    }

    @Test
    void an_image_is_made_of_another_and_a_layer() throws Throwable {
        String parent = loaded("contract:one");
        Images.Commit wish = wish(parent, "contract:made");
        byte[] tar = new byte[3 << 20];

        String id = Port.call(() -> images().commit(wish, new ByteStream(tar, 100_000, false)));

        ResolvedImage made = Port.call(() -> images().resolve("contract:made", ""));
        assertEquals(id, made.id());
        assertEquals(
                Port.call(() -> images().resolve(parent, "")).layers().size() + 1,
                made.layers().size());
        assertEquals("x", made.config().at("/Cmd/0").asText());
        assertTrue(Port.call(() -> images().descendants(List.of(parent))).containsAll(List.of(parent, id)));
        assertEquals(List.of(id), Port.call(() -> images().descendants(List.of(id))));
    }

    @Test
    void a_layer_that_breaks_off_makes_no_image() throws Throwable {
        String parent = loaded("contract:one");
        long before = Port.call(() -> images().count());

        Images.Commit broken = wish(parent, "contract:broken");
        Images.Commit orphan = wish("sha256:" + "0".repeat(64), "");
        assertThrows(
                EngineError.class,
                () -> Port.call(() -> images().commit(broken, new ByteStream(new byte[3 << 20], 100_000, true))));
        assertThrows(
                EngineError.NotFound.class,
                () -> Port.call(() -> images().commit(orphan, new ByteStream(new byte[1024], 1024, false))));
        assertEquals(before, Port.call(() -> images().count()));
    }

    private static Images.Commit wish(String parent, String name) throws Exception {
        ContainerConfig config = new ObjectMapper().readValue("{\"Cmd\":[\"x\"]}", ContainerConfig.class);
        return new Images.Commit(parent, name, "c".repeat(64), config, config, "me", "said");
    }
}
