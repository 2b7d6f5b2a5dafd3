package dev.gantry.engine.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.engine.EngineError;
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
}
