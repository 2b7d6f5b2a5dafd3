package dev.gantry.image.push;

import dev.gantry.image.progress.ProgressLine;
import dev.gantry.image.progress.ProgressResponse;
import dev.gantry.image.reference.Reference;
import dev.gantry.image.registry.Credentials;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.function.Consumer;

/** {@code POST /images/{name}/push}. */
@ApplicationScoped
class PushRoute {
    private final PushImage images;

    PushRoute(PushImage images) {
        this.images = images;
    }

    void register(@Observes Router router) {
        router.postWithRegex("/images/(?<name>.+)/push")
                .handler(routing -> ProgressResponse.send(routing, progress -> push(routing, progress)));
    }

    private Uni<Void> push(RoutingContext routing, Consumer<ProgressLine> progress) {
        String tag = routing.queryParams().get("tag");
        Reference named = Reference.parse(routing.pathParam("name"));
        Reference reference = tag == null || tag.isEmpty() ? named : named.with(tag);
        return images.push(reference, Credentials.parse(routing.request().getHeader("X-Registry-Auth")), progress);
    }
}
