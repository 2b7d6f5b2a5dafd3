package dev.gantry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.engine.image.ImageUsage;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.testing.ImagesContract;
import jakarta.inject.Inject;

/** The service that the contract is run on. What an implementation is, subclasses say. */
abstract class ImagesPortCase extends ImagesContract {
    @Inject
    Images images;

    @Inject
    ImageUsage usage;

    @Override
    protected Images images() {
        return images;
    }

    @Override
    protected ImageUsage usage() {
        return usage;
    }

    @Override
    protected String loaded(String reference) {
        TestImage image = TestImage.of("loaded for the contract");
        assertEquals(200, Api.load(image.dockerArchive(reference)).status());
        return image.id();
    }
}
