package dev.gantry.image;

import dev.gantry.image.content.ContentCollector;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** What image-service does besides answering: it deletes what a crash left in the store. */
@ApplicationScoped
class ImageServiceLifecycle {
    void start(@Observes StartupEvent event, ContentCollector collector) {
        collector.sweep();
    }
}
