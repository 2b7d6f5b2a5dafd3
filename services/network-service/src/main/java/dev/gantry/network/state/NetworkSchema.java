package dev.gantry.network.state;

import dev.gantry.service.database.ServiceSchema;
import jakarta.inject.Singleton;

/** Where networks, endpoints and published ports are kept. */
@Singleton
public final class NetworkSchema implements ServiceSchema {
    public static final String NAME = "network";

    @Override
    public String name() {
        return NAME;
    }
}
