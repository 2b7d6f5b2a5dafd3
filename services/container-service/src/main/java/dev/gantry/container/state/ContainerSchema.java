package dev.gantry.container.state;

import dev.gantry.service.database.ServiceSchema;
import jakarta.inject.Singleton;

/** Where containers, execs and volumes are kept. */
@Singleton
final class ContainerSchema implements ServiceSchema {
    static final String NAME = "container";

    @Override
    public String name() {
        return NAME;
    }
}
