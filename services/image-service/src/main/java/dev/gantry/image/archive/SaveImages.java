package dev.gantry.image.archive;

import dev.gantry.engine.EngineError;
import dev.gantry.image.content.ContentLeases;
import dev.gantry.image.reference.Reference;
import dev.gantry.image.store.FindImage;
import dev.gantry.image.store.ImageEntity;
import dev.gantry.image.store.ImageFacts;
import dev.gantry.image.store.ImageLayerEntity;
import dev.gantry.image.store.ImageStore;
import dev.gantry.image.store.ReferenceEntity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/** Finds what {@code docker save} is to write. */
@ApplicationScoped
class SaveImages {
    private final Mutiny.SessionFactory sessions;
    private final FindImage images;
    private final ImageFacts facts;

    SaveImages(Mutiny.SessionFactory sessions, FindImage images, ImageFacts facts) {
        this.sessions = sessions;
        this.images = images;
        this.facts = facts;
    }

    /** An image, and the names that it was asked for by. */
    private record Found(ImageEntity image, List<Reference> names) {}

    /**
     * The images of these names in their order, each once; their layers stay until the lease is closed. A repository
     * without a tag stands for all its tags, an id for the image without a name.
     */
    Uni<List<SavedImage>> find(List<String> names, ContentLeases.Lease lease) {
        if (names.isEmpty()) {
            throw new EngineError.BadParameter("no image to save was named");
        }
        return sessions.withTransaction(session -> {
            Map<String, ImageEntity> byId = new LinkedHashMap<>();
            Map<String, Set<Reference>> references = new LinkedHashMap<>();
            Uni<Void> all = Uni.createFrom().voidItem();
            for (String name : names) {
                all = all.chain(() -> find(session, name))
                        .invoke(found -> found.forEach(each -> {
                            byId.put(each.image().id, each.image());
                            references
                                    .computeIfAbsent(each.image().id, id -> new LinkedHashSet<>())
                                    .addAll(each.names());
                        }))
                        .replaceWithVoid();
            }
            return all.chain(() -> saved(session, byId, references, lease));
        });
    }

    private Uni<List<Found>> find(Mutiny.Session session, String name) {
        if (Reference.isIdentifier(name)) {
            return unnamed(session, name);
        }
        Reference reference = Reference.parse(name);
        if (reference.digest() != null) {
            return unnamed(session, name);
        }
        if (reference.tag() != null) {
            return images.require(session, name).map(image -> List.of(new Found(image, List.of(reference))));
        }
        return session.createQuery(
                        "from ReferenceEntity r where r.repository = :repository and r.tag is not null order by r.name",
                        ReferenceEntity.class)
                .setParameter("repository", reference.repository())
                .getResultList()
                .chain(tags -> tags.isEmpty() ? unnamed(session, name) : named(session, tags));
    }

    private Uni<List<Found>> unnamed(Mutiny.Session session, String name) {
        return images.require(session, name).map(image -> List.of(new Found(image, List.of())));
    }

    private static Uni<List<Found>> named(Mutiny.Session session, List<ReferenceEntity> tags) {
        List<Found> found = new ArrayList<>();
        Uni<Void> all = Uni.createFrom().voidItem();
        for (ReferenceEntity tag : tags) {
            all = all.chain(() -> session.find(ImageEntity.class, tag.imageId))
                    .invoke(image -> found.add(new Found(image, List.of(tag.reference()))))
                    .replaceWithVoid();
        }
        return all.replaceWith(found);
    }

    private Uni<List<SavedImage>> saved(
            Mutiny.Session session,
            Map<String, ImageEntity> images,
            Map<String, Set<Reference>> references,
            ContentLeases.Lease lease) {
        List<SavedImage> saved = new ArrayList<>();
        Uni<Void> all = Uni.createFrom().voidItem();
        for (ImageEntity image : images.values()) {
            all = all.chain(() -> ImageStore.layers(session, image.id))
                    .call(layers -> hold(layers, lease))
                    .invoke(layers -> saved.add(new SavedImage(
                            image.id,
                            image.config,
                            layers.stream().map(ImageLayerEntity::blob).toList(),
                            List.copyOf(references.get(image.id)))))
                    .chain(() -> facts.append(session, "save", image.id, image.id, image.labels));
        }
        return all.replaceWith(saved);
    }

    private static Uni<Void> hold(List<ImageLayerEntity> layers, ContentLeases.Lease lease) {
        Uni<Void> held = Uni.createFrom().voidItem();
        for (ImageLayerEntity layer : layers) {
            held = held.chain(() -> lease.hold(layer.digest));
        }
        return held;
    }
}
