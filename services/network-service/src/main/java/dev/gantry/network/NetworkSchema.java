package dev.gantry.network;

import dev.gantry.service.database.ServiceSchema;
import jakarta.inject.Singleton;

/** Where networks, endpoints and published ports are kept. */
@Singleton
final class NetworkSchema implements ServiceSchema {
    static final String NAME = "network";

    @Override
    public String name() {
        return NAME;
    }
}
