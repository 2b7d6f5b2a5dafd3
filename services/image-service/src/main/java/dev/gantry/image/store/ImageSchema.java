package dev.gantry.image.store;

import dev.gantry.service.database.ServiceSchema;
import jakarta.inject.Singleton;

/** Where images and references are kept. */
@Singleton
final class ImageSchema implements ServiceSchema {
    static final String NAME = "image";

    @Override
    public String name() {
        return NAME;
    }
}
