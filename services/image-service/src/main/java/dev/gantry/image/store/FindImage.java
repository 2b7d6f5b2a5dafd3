package dev.gantry.image.store;

import dev.gantry.engine.EngineError;
import dev.gantry.image.reference.Reference;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.regex.Pattern;
import org.hibernate.reactive.mutiny.Mutiny;

/** Finds the image that a client means: by full id, else by name, else by the beginning of its id. */
@ApplicationScoped
public class FindImage {
    private static final Pattern ID_PREFIX = Pattern.compile("(?:sha256:)?[a-f0-9]{1,64}");

    /** What leads to an image directly: its name, or its whole id; the other is null. */
    record Direct(String name, String id) {}

    /** Fails with {@code BadParameter} when the text cannot name an image. */
    static Direct direct(String text) {
        return Reference.isIdentifier(text)
                ? new Direct(null, fullId(text))
                : new Direct(nameOf(Reference.parse(text).tagged()), null);
    }

    /** Fails with {@code NotFound("No such image: ...")}, also when a prefix fits several images, as dockerd does. */
    public Uni<ImageEntity> require(Mutiny.Session session, String text) {
        return find(session, text)
                .onItem()
                .ifNull()
                .failWith(() -> new EngineError.NotFound("No such image: " + familiar(text)));
    }

    /** Null when there is none. Fails with {@code BadParameter} when the text cannot name an image. */
    public Uni<ImageEntity> find(Mutiny.Session session, String text) {
        if (Reference.isIdentifier(text)) {
            return session.find(ImageEntity.class, fullId(text));
        }
        Reference reference = Reference.parse(text);
        return byName(session, reference.tagged())
                .chain(found -> found != null ? Uni.createFrom().item(found) : byPrefix(session, text));
    }

    /** Whether the text is (part of) that id rather than a name. */
    public static boolean isIdPrefix(String imageId, String text) {
        return !text.isEmpty() && (imageId.startsWith(text) || imageId.startsWith(fullId(text)));
    }

    private static String nameOf(Reference reference) {
        return reference.digest() == null
                ? reference.name()
                : reference.at(reference.digest()).name();
    }

    private static Uni<ImageEntity> byName(Mutiny.Session session, Reference reference) {
        return session.createQuery(
                        "from ImageEntity i where i.id = (select r.imageId from ReferenceEntity r where r.name = :name)",
                        ImageEntity.class)
                .setParameter("name", nameOf(reference))
                .getSingleResultOrNull()
                .chain(found -> found == null && reference.digest() != null
                        ? byIdWithinRepository(session, reference)
                        : Uni.createFrom().item(found));
    }

    /** {@code busybox@<image id>} names an image that some reference of that repository leads to. */
    private static Uni<ImageEntity> byIdWithinRepository(Mutiny.Session session, Reference reference) {
        return session.createQuery(
                        "from ImageEntity i where i.id = :id and exists"
                                + " (from ReferenceEntity r where r.imageId = i.id and r.repository = :repository)",
                        ImageEntity.class)
                .setParameter("id", reference.digest())
                .setParameter("repository", reference.repository())
                .getSingleResultOrNull();
    }

    private static Uni<ImageEntity> byPrefix(Mutiny.Session session, String text) {
        if (!ID_PREFIX.matcher(text).matches()) {
            return Uni.createFrom().nullItem();
        }
        return session.createQuery("from ImageEntity i where i.id like :prefix", ImageEntity.class)
                .setParameter("prefix", fullId(text) + "%")
                .setMaxResults(2)
                .getResultList()
                .map(FindImage::onlyOne);
    }

    private static ImageEntity onlyOne(List<ImageEntity> found) {
        return found.size() == 1 ? found.getFirst() : null;
    }

    private static String fullId(String text) {
        return text.startsWith("sha256:") ? text : "sha256:" + text;
    }

    private static String familiar(String text) {
        return Reference.isIdentifier(text)
                ? fullId(text)
                : Reference.parse(text).tagged().familiar();
    }
}
