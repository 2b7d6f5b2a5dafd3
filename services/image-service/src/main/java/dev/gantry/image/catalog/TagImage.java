package dev.gantry.image.catalog;

import dev.gantry.image.reference.Reference;
import dev.gantry.image.store.FindImage;
import dev.gantry.image.store.ImageFacts;
import dev.gantry.image.store.RegisterImage;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import org.hibernate.reactive.mutiny.Mutiny;

/** {@code docker tag}: lets a further name lead to an image; whatever it led to before loses it. */
@ApplicationScoped
class TagImage {
    private final Mutiny.SessionFactory sessions;
    private final FindImage images;
    private final RegisterImage register;
    private final ImageFacts facts;

    TagImage(Mutiny.SessionFactory sessions, FindImage images, RegisterImage register, ImageFacts facts) {
        this.sessions = sessions;
        this.images = images;
        this.register = register;
        this.facts = facts;
    }

    Uni<Void> tag(String name, Reference target) {
        return sessions.withTransaction(session -> images.require(session, name)
                .invoke(image -> image.taggedAt = Instant.now())
                .call(session::flush)
                .call(image -> register.refer(session, target, image.id))
                .call(image -> facts.append(session, "tag", image.id, target.familiar(), image.labels))
                .replaceWithVoid());
    }
}
