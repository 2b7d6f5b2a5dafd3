package dev.gantry.image.catalog;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.agent.api.Digest;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.container.Containers.ContainerUse;
import dev.gantry.engine.image.DeleteResponseItem;
import dev.gantry.image.content.ContentCollector;
import dev.gantry.image.reference.Reference;
import dev.gantry.image.store.FindImage;
import dev.gantry.image.store.ImageEntity;
import dev.gantry.image.store.ImageFacts;
import dev.gantry.image.store.ReferenceEntity;
import dev.gantry.service.row.Rows;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code docker rmi}, with moby's rules ({@code daemon/images/image_delete.go}).
 *
 * <ol>
 *   <li>container-service is asked which containers use the image, before any lock is taken.
 *   <li>In one transaction, with the image locked: conflicts are checked, references go, and with the last of them the
 *       image, with a fact for each.
 *   <li>Likewise, one after the other, images without a name that it was committed on, unless something else needs them.
 *   <li>Blobs that no image needs any more are deleted. A crash before that is made good by the sweep at start.
 * </ol>
 */
@ApplicationScoped
class RemoveImage {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Mutiny.SessionFactory sessions;
    private final FindImage images;
    private final Containers containers;
    private final ImageFacts facts;
    private final ContentCollector collector;

    RemoveImage(
            Mutiny.SessionFactory sessions,
            FindImage images,
            Containers containers,
            ImageFacts facts,
            ContentCollector collector) {
        this.sessions = sessions;
        this.images = images;
        this.containers = containers;
        this.facts = facts;
        this.collector = collector;
    }

    /** @param prune whether images go that it was committed on */
    Uni<List<DeleteResponseItem>> remove(String name, boolean force, boolean prune) {
        return sessions.withSession(session -> images.require(session, name).map(image -> image.id))
                .chain(containers::usingImage)
                .map(users -> new Removal(name, force, users))
                .call(this::remove)
                .call(removal -> prune
                        ? prune(removal.parent, removal)
                        : Uni.createFrom().voidItem())
                .call(removal -> collector.collect(removal.unreferenced))
                .map(removal -> removal.done);
    }

    private Uni<Void> prune(String parent, Removal removal) {
        if (parent == null) {
            return Uni.createFrom().voidItem();
        }
        return containers.usingImage(parent).chain(users -> {
            if (!users.isEmpty()) {
                return Uni.createFrom().voidItem();
            }
            Removal next = new Removal(parent, false, users, removal);
            return sessions.withTransaction(session -> session.find(ImageEntity.class, parent)
                            .chain(image -> image == null
                                    ? Uni.createFrom().voidItem()
                                    : session.lock(image, LockModeType.PESSIMISTIC_WRITE)
                                            .chain(() -> needed(session, image))
                                            .chain(needed -> needed
                                                    ? Uni.createFrom().voidItem()
                                                    : next.delete(session, image))))
                    .chain(() -> prune(next.parent, next));
        });
    }

    private static Uni<Boolean> needed(Mutiny.Session session, ImageEntity image) {
        return references(session, image)
                .chain(references -> references.isEmpty()
                        ? hasChildren(session, image)
                        : Uni.createFrom().item(true));
    }

    private static Uni<Boolean> hasChildren(Mutiny.Session session, ImageEntity image) {
        return session.createQuery("select count(*) from ImageEntity i where i.parent = :image", Long.class)
                .setParameter("image", image.id)
                .getSingleResult()
                .map(children -> children > 0);
    }

    private Uni<Void> remove(Removal removal) {
        return sessions.withTransaction(session -> images.require(session, removal.name)
                .call(image -> session.lock(image, LockModeType.PESSIMISTIC_WRITE))
                .chain(image -> hasChildren(session, image)
                        .invoke(has -> removal.children = has)
                        .chain(() -> references(session, image))
                        .chain(references -> removal.run(session, image, references))));
    }

    private static Uni<List<ReferenceEntity>> references(Mutiny.Session session, ImageEntity image) {
        return session.createQuery(
                        "from ReferenceEntity r where r.imageId = :image order by r.name", ReferenceEntity.class)
                .setParameter("image", image.id)
                .getResultList();
    }

    /** One removal within its transaction. */
    private final class Removal {
        private final String name;
        private final boolean force;
        private final List<ContainerUse> users;
        private final List<DeleteResponseItem> done;
        private final Set<String> unreferenced;

        /** Whether others were committed on it. */
        private boolean children;

        /** What a deleted image was committed on, or null. */
        private String parent;

        private Removal(String name, boolean force, List<ContainerUse> users) {
            this.name = name;
            this.force = force;
            this.users = users;
            this.done = new ArrayList<>();
            this.unreferenced = new HashSet<>();
        }

        /** One that follows on another one. */
        private Removal(String name, boolean force, List<ContainerUse> users, Removal before) {
            this.name = name;
            this.force = force;
            this.users = users;
            this.done = before.done;
            this.unreferenced = before.unreferenced;
        }

        private Uni<Void> run(Mutiny.Session session, ImageEntity image, List<ReferenceEntity> references) {
            return FindImage.isIdPrefix(image.id, name)
                    ? byId(session, image, references)
                    : byName(session, image, references);
        }

        private Uni<Void> byId(Mutiny.Session session, ImageEntity image, List<ReferenceEntity> references) {
            if (children) {
                throw conflict(image, "cannot be forced", "image has dependent child images");
            }
            requireNotRunning(image);
            if (!force && !isSingle(references)) {
                throw conflict(image, "must be forced", "image is referenced in multiple repositories");
            }
            if (!force && !users.isEmpty()) {
                String user = Digest.shortened(users.getFirst().id());
                throw conflict(image, "must be forced", "image is being used by stopped container " + user);
            }
            return untag(session, image, references).chain(() -> delete(session, image));
        }

        private Uni<Void> byName(Mutiny.Session session, ImageEntity image, List<ReferenceEntity> references) {
            if (!force && isSingle(references) && !users.isEmpty()) {
                throw new EngineError.Conflict("conflict: unable to remove repository reference \"" + name
                        + "\" (must force) - container "
                        + Digest.shortened(users.getFirst().id())
                        + " is using its referenced image " + Digest.shortened(image.id));
            }
            List<ReferenceEntity> going = going(references);
            boolean last = going.size() == references.size();
            boolean used = users.stream().anyMatch(ContainerUse::running) || (!force && !users.isEmpty());
            return untag(session, image, going)
                    .chain(() -> last && !used && !children
                            ? delete(session, image)
                            : Uni.createFrom().voidItem());
        }

        /** The named reference and, when it is the last tag of its repository, the digests of that repository. */
        private List<ReferenceEntity> going(List<ReferenceEntity> references) {
            Reference named = Reference.parse(name).tagged();
            String key = named.digest() == null
                    ? named.name()
                    : named.at(named.digest()).name();
            List<ReferenceEntity> going = new ArrayList<>(references.stream()
                    .filter(reference -> reference.name.equals(key))
                    .toList());
            boolean otherTag = references.stream()
                    .anyMatch(reference -> !reference.isDigest()
                            && !going.contains(reference)
                            && reference.repository.equals(named.repository()));
            if (named.digest() == null && !otherTag) {
                references.stream()
                        .filter(reference -> reference.isDigest() && reference.repository.equals(named.repository()))
                        .forEach(going::add);
            }
            return going;
        }

        private void requireNotRunning(ImageEntity image) {
            users.stream().filter(ContainerUse::running).findFirst().ifPresent(user -> {
                String id = Digest.shortened(user.id());
                throw conflict(image, "cannot be forced", "image is being used by running container " + id);
            });
        }

        private Uni<Void> untag(Mutiny.Session session, ImageEntity image, List<ReferenceEntity> going) {
            Uni<Void> all = Uni.createFrom().voidItem();
            for (ReferenceEntity reference : going) {
                done.add(DeleteResponseItem.ofUntagged(reference.reference().familiar()));
                all = all.chain(() -> Rows.delete(session, reference))
                        .chain(() -> facts.append(session, "untag", image.id, image.id, image.labels));
            }
            return all;
        }

        private Uni<Void> delete(Mutiny.Session session, ImageEntity image) {
            return chains(session, image)
                    .chain(chains -> content(session, image).chain(content -> {
                        done.add(DeleteResponseItem.ofDeleted(image.id));
                        parent = image.parent;
                        unreferenced.addAll(content);
                        // Stopped containers of a forced removal still stand on the layers.
                        if (users.isEmpty()) {
                            chains.forEach(chain -> done.add(DeleteResponseItem.ofDeleted(chain)));
                        }
                        ObjectNode detail = JSON.createObjectNode();
                        chains.forEach(detail.putArray("chains")::add);
                        return session.flush()
                                .chain(() -> Rows.delete(session, image))
                                .chain(session::flush)
                                .chain(() -> facts.deleted(session, image.id, detail));
                    }));
        }
    }

    /** Stacks of layers that no other image has, top first. */
    private static Uni<List<String>> chains(Mutiny.Session session, ImageEntity image) {
        return session.createQuery(
                        "select l.chainId from ImageLayerEntity l where l.id.imageId = :image and not exists"
                                + " (from ImageLayerEntity o where o.chainId = l.chainId and o.id.imageId <> :image)"
                                + " order by l.id.position desc",
                        String.class)
                .setParameter("image", image.id)
                .getResultList();
    }

    private static Uni<List<String>> content(Mutiny.Session session, ImageEntity image) {
        return session.createQuery(
                        "select c.id.digest from ImageContentEntity c where c.id.imageId = :image", String.class)
                .setParameter("image", image.id)
                .getResultList();
    }

    private static EngineError conflict(ImageEntity image, String forcing, String reason) {
        return new EngineError.Conflict(
                "conflict: unable to delete " + Digest.shortened(image.id) + " (" + forcing + ") - " + reason);
    }

    /** Whether all references are one tag at most, and digests of the same repository. */
    private static boolean isSingle(List<ReferenceEntity> references) {
        List<ReferenceEntity> tags =
                references.stream().filter(reference -> !reference.isDigest()).toList();
        long repositories = references.stream()
                .map(reference -> reference.repository)
                .distinct()
                .count();
        return references.size() <= 1 || (tags.size() <= 1 && repositories == 1);
    }
}
