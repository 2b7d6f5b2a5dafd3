package dev.gantry.image.archive;

import dev.gantry.agent.api.stream.BlockingAnswer;
import dev.gantry.engine.ErrorAnswer;
import dev.gantry.image.content.ContentCollector;
import dev.gantry.image.content.ContentLeases;
import dev.gantry.image.content.ContentStore;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * {@code GET /images/get} and {@code /images/{name}/get}: routes rather than resources, for a stream that waits for its
 * reader. A failure after the first byte cuts the connection, so that the client notices.
 */
@ApplicationScoped
class SaveRoute {
    private static final Logger LOG = Logger.getLogger(SaveRoute.class);

    private final SaveImages images;
    private final ContentStore store;
    private final ContentLeases leases;
    private final ContentCollector collector;

    SaveRoute(SaveImages images, ContentStore store, ContentLeases leases, ContentCollector collector) {
        this.images = images;
        this.store = store;
        this.leases = leases;
        this.collector = collector;
    }

    void register(@Observes Router router) {
        router.get("/images/get").handler(routing -> save(routing, routing.queryParam("names")));
        router.getWithRegex("/images/(?<name>.+)/get")
                .handler(routing -> save(routing, List.of(routing.pathParam("name"))));
    }

    private void save(RoutingContext routing, List<String> names) {
        ContentLeases.Lease lease = leases.open();
        Uni.createFrom()
                .deferred(() -> images.find(names, lease))
                .subscribe()
                .with(
                        found -> Thread.ofVirtual()
                                .name("image-save")
                                .start(() -> send(routing.response(), found, lease)),
                        failure -> {
                            release(lease);
                            ErrorAnswer.send(routing.response(), failure);
                        });
    }

    private void send(HttpServerResponse response, List<SavedImage> images, ContentLeases.Lease lease) {
        response.setChunked(true).putHeader("Content-Type", "application/x-tar");
        try {
            new ArchiveWriter(store, new BlockingAnswer(response)).write(images);
            response.end();
        } catch (IOException | RuntimeException e) {
            if (!response.closed()) {
                LOG.warnf(e, "images not saved: %s", e.getMessage());
                response.reset();
            }
        } finally {
            release(lease);
        }
    }

    /** An image may have been removed while it was read. */
    private void release(ContentLeases.Lease lease) {
        collector.collect(lease.close()).subscribe().with(done -> {});
    }
}
