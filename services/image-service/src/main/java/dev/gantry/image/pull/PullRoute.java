package dev.gantry.image.pull;

import dev.gantry.engine.EngineError;
import dev.gantry.image.manifest.Platform;
import dev.gantry.image.progress.ProgressLine;
import dev.gantry.image.progress.ProgressResponse;
import dev.gantry.image.reference.Reference;
import dev.gantry.image.registry.Credentials;
import dev.gantry.image.registry.RegistryFailure;
import dev.gantry.image.registry.RegistryPing;
import dev.gantry.image.registry.TagList;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.function.Consumer;

/** {@code POST /images/create}: a route rather than a resource, since the answer is written while the work goes on. */
@ApplicationScoped
class PullRoute {
    private final PullImage images;
    private final RegistryPing registries;

    PullRoute(PullImage images, RegistryPing registries) {
        this.images = images;
        this.registries = registries;
    }

    void register(@Observes Router router) {
        router.post("/images/create")
                .handler(routing -> ProgressResponse.send(routing, progress -> create(routing, progress)));
    }

    private Uni<Void> create(RoutingContext routing, Consumer<ProgressLine> progress) {
        MultiMap query = routing.queryParams();
        if (query.contains("fromSrc")) {
            throw new EngineError.NotSupported("docker import is not supported by Gantry");
        }
        String image = query.get("fromImage");
        if (image == null || image.isEmpty()) {
            throw new EngineError.BadParameter("invalid reference format");
        }
        Platform platform = Platform.parse(query.get("platform"));
        Credentials credentials = Credentials.parse(routing.request().getHeader("X-Registry-Auth"));
        Reference reference = reference(image, query.get("tag"));
        return reference.tag() == null && reference.digest() == null
                ? everyTag(reference, platform, credentials, progress)
                : images.pull(reference, platform, credentials, progress)
                        .invoke(newer -> tell(newer, reference, progress))
                        .replaceWithVoid();
    }

    private static void tell(boolean newer, Reference reference, Consumer<ProgressLine> progress) {
        String outcome = newer ? "Downloaded newer image for " : "Image is up to date for ";
        progress.accept(ProgressLine.status("Status: " + outcome + reference.familiar(), null));
    }

    private static Reference reference(String image, String tag) {
        Reference reference = Reference.parse(image);
        if (tag == null || tag.isEmpty()) {
            return reference;
        }
        return tag.contains(":") ? Reference.parse(reference.repository() + "@" + tag) : reference.with(tag);
    }

    private Uni<Void> everyTag(
            Reference repository, Platform platform, Credentials credentials, Consumer<ProgressLine> progress) {
        return registries
                .open(repository, credentials, "pull")
                .chain(TagList::fetch)
                .onFailure(RegistryFailure.class)
                .transform(e -> e.duringPull(repository))
                .chain(tags -> {
                    Uni<Boolean> all = Uni.createFrom().item(false);
                    for (String tag : tags) {
                        all = all.chain(before -> images.pull(repository.with(tag), platform, credentials, progress)
                                .map(newer -> before || newer));
                    }
                    return all;
                })
                .invoke(newer -> tell(newer, repository, progress))
                .replaceWithVoid();
    }
}
