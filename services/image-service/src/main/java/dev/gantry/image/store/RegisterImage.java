package dev.gantry.image.store;

import dev.gantry.image.reference.Reference;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Writes images and references within the caller's transaction. The content of an image must be in the store and
 * leased until that transaction has ended.
 */
@ApplicationScoped
public class RegisterImage {
    private static final String INSERT_IMAGE =
            """
            insert into image.image (id, os, architecture, variant, created_at, size, config, labels, manifest_digest)
            values (:id, :os, :architecture, :variant, :created, :size, :config,
                    nullif(:labels, ''), nullif(:manifest, ''))
            on conflict do nothing
            """;
    private static final String INSERT_CONTENT =
            "insert into image.image_content (image_id, digest) values (:image, :digest) on conflict do nothing";
    private static final String SET_REFERENCE =
            """
            insert into image.reference (name, repository, tag, image_id)
            values (:name, :repository, nullif(:tag, ''), :image)
            on conflict (name) do update set image_id = excluded.image_id
            """;

    /** Adds the image unless it is known; true when it was not. Layers of a known image stay what they were. */
    public Uni<Boolean> add(Mutiny.Session session, NewImage image) {
        return insert(session, image)
                .chain(added -> added
                        ? insertLayers(session, image)
                                .chain(() -> insertContent(session, image.id(), image.content()))
                                .replaceWith(true)
                        : insertContent(session, image.id(), image.manifests()).replaceWith(false));
    }

    /** Lets the name lead to the image, whatever it led to before. */
    public Uni<Void> refer(Mutiny.Session session, Reference reference, String imageId) {
        return session.createNativeQuery(SET_REFERENCE)
                .setParameter("name", reference.name())
                .setParameter("repository", reference.repository())
                .setParameter("tag", reference.tag() == null ? "" : reference.tag())
                .setParameter("image", imageId)
                .executeUpdate()
                .replaceWithVoid();
    }

    /** What it was made on. The same again was made on the same. */
    Uni<Void> descend(Mutiny.Session session, String imageId, String parent) {
        return session.createNativeQuery("update image.image set parent = :parent where id = :id")
                .setParameter("parent", parent)
                .setParameter("id", imageId)
                .executeUpdate()
                .replaceWithVoid();
    }

    /** It was given a name just now. */
    Uni<Void> tagged(Mutiny.Session session, String imageId) {
        return session.createNativeQuery("update image.image set tagged_at = now() where id = :id")
                .setParameter("id", imageId)
                .executeUpdate()
                .replaceWithVoid();
    }

    private static Uni<Boolean> insert(Mutiny.Session session, NewImage image) {
        var config = image.config();
        var platform = config.platform();
        var created = config.created();
        return session.createNativeQuery(INSERT_IMAGE)
                .setParameter("id", image.id())
                .setParameter("os", platform.os())
                .setParameter("architecture", platform.architecture())
                .setParameter("variant", platform.variant())
                .setParameter("created", created == null ? Instant.EPOCH : created)
                .setParameter("size", image.size())
                .setParameter("config", config.text())
                .setParameter("labels", image.labels() == null ? "" : image.labels())
                .setParameter("manifest", image.manifestDigest() == null ? "" : image.manifestDigest())
                .executeUpdate()
                .map(rows -> rows == 1);
    }

    private static Uni<Void> insertLayers(Mutiny.Session session, NewImage image) {
        return session.persistAll(image.layerEntities().toArray()).chain(session::flush);
    }

    private static Uni<Void> insertContent(Mutiny.Session session, String imageId, Collection<String> digests) {
        return Multi.createFrom()
                .iterable(digests)
                .onItem()
                .transformToUniAndConcatenate(digest -> session.createNativeQuery(INSERT_CONTENT)
                        .setParameter("image", imageId)
                        .setParameter("digest", digest)
                        .executeUpdate())
                .collect()
                .asList()
                .replaceWithVoid();
    }
}
