package dev.gantry.cluster;

import dev.gantry.service.database.ServiceSchema;
import jakarta.inject.Singleton;

/** Where hosts are kept. Nothing is told of them yet. */
@Singleton
final class ClusterSchema implements ServiceSchema {
    static final String NAME = "cluster";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean hasOutbox() {
        return false;
    }
}
