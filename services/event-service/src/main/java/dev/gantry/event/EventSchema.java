package dev.gantry.event;

import dev.gantry.service.database.ServiceSchema;
import jakarta.inject.Singleton;

/** Where the log is kept. */
@Singleton
final class EventSchema implements ServiceSchema {
    @Override
    public String name() {
        return "event";
    }

    @Override
    public boolean hasOutbox() {
        return false;
    }
}
