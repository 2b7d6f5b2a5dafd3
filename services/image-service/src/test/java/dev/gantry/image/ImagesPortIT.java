package dev.gantry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.engine.image.ImageUsage;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.testing.ImagesContract;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class ImagesPortIT extends ImagesContract {
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
