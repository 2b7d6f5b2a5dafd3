package dev.gantry.image.push;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.Digest;
import dev.gantry.engine.EngineError;
import dev.gantry.image.content.ContentCollector;
import dev.gantry.image.content.ContentLeases;
import dev.gantry.image.content.ContentStore;
import dev.gantry.image.manifest.Descriptor;
import dev.gantry.image.manifest.Manifest;
import dev.gantry.image.manifest.MediaTypes;
import dev.gantry.image.progress.ProgressLine;
import dev.gantry.image.progress.Throttle;
import dev.gantry.image.reference.Reference;
import dev.gantry.image.registry.BlobPush;
import dev.gantry.image.registry.Credentials;
import dev.gantry.image.registry.RegistryFailure;
import dev.gantry.image.registry.RegistryPing;
import dev.gantry.image.registry.RegistrySession;
import dev.gantry.image.store.ImageEntity;
import dev.gantry.image.store.ImageFacts;
import dev.gantry.image.store.ImageLayerEntity;
import dev.gantry.image.store.ImageStore;
import dev.gantry.image.store.LayerBlob;
import dev.gantry.image.store.ReferenceEntity;
import dev.gantry.image.store.RegisterImage;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code docker push}: blobs that the registry lacks, then the manifest. Layers go as they are stored. An image that
 * was pulled keeps its manifest and so its digest; for one that was loaded a manifest is made, the same each time.
 *
 * <p>A failure leaves the registry with blobs that it collects itself, and nothing here.
 */
@ApplicationScoped
class PushImage {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RegistryPing registries;
    private final ContentStore store;
    private final ContentLeases leases;
    private final ContentCollector collector;
    private final Mutiny.SessionFactory sessions;
    private final RegisterImage register;
    private final ImageFacts facts;
    private final Vertx vertx;

    PushImage(
            RegistryPing registries,
            ContentStore store,
            ContentLeases leases,
            ContentCollector collector,
            Mutiny.SessionFactory sessions,
            RegisterImage register,
            ImageFacts facts,
            Vertx vertx) {
        this.registries = registries;
        this.store = store;
        this.leases = leases;
        this.collector = collector;
        this.sessions = sessions;
        this.register = register;
        this.facts = facts;
        this.vertx = vertx;
    }

    private record Source(ImageEntity image, List<LayerBlob> layers) {}

    private record Document(String digest, String mediaType, Buffer content) {}

    /** @param reference without a tag for all tags of the repository */
    Uni<Void> push(Reference reference, Credentials credentials, Consumer<ProgressLine> progress) {
        progress.accept(ProgressLine.status("The push refers to repository [" + reference.repository() + "]", null));
        return tags(reference)
                .chain(tags -> registries
                        .open(reference, credentials, "pull,push")
                        .chain(session -> {
                            Uni<Void> all = Uni.createFrom().voidItem();
                            for (Reference tag : tags) {
                                all = all.chain(() -> pushTag(session, tag, progress));
                            }
                            return all;
                        }))
                .onFailure(RegistryFailure.class)
                .transform(e -> new EngineError.Failed(e.getMessage()));
    }

    private Uni<List<Reference>> tags(Reference reference) {
        return sessions.withSession(session -> session.createQuery(
                                "from ReferenceEntity r where r.repository = :repository order by r.name",
                                ReferenceEntity.class)
                        .setParameter("repository", reference.repository())
                        .getResultList())
                .map(found -> {
                    if (found.isEmpty()) {
                        throw new EngineError.NotFound(
                                "An image does not exist locally with the tag: " + reference.familiarName());
                    }
                    List<Reference> tags = found.stream()
                            .filter(each -> !each.isDigest())
                            .map(ReferenceEntity::reference)
                            .filter(each -> reference.tag() == null || each.equals(reference))
                            .toList();
                    if (tags.isEmpty()) {
                        throw new EngineError.NotFound("tag does not exist: " + reference.familiar());
                    }
                    return tags;
                });
    }

    private Uni<Void> pushTag(RegistrySession session, Reference tag, Consumer<ProgressLine> progress) {
        ContentLeases.Lease lease = leases.open();
        return source(tag, lease)
                .chain(source -> layers(session, source.layers(), progress)
                        .chain(() -> blob(session, source.image().id, null, line -> {}))
                        .chain(() -> manifest(source))
                        .call(manifest ->
                                BlobPush.manifest(session, tag.tag(), manifest.mediaType(), manifest.content()))
                        .call(manifest -> record(tag, source.image(), manifest))
                        .invoke(manifest -> announce(tag, manifest, progress)))
                .replaceWithVoid()
                .onTermination()
                .call(() -> collector.collect(lease.close()));
    }

    private Uni<Source> source(Reference tag, ContentLeases.Lease lease) {
        return sessions.withSession(session -> session.createQuery(
                        "from ImageEntity i where i.id = (select r.imageId from ReferenceEntity r where r.name = :name)",
                        ImageEntity.class)
                .setParameter("name", tag.name())
                .getSingleResult()
                .chain(image -> ImageStore.layers(session, image.id)
                        .map(layers -> new Source(
                                image,
                                layers.stream().map(ImageLayerEntity::blob).toList())))
                .call(source -> {
                    Uni<Void> held = lease.hold(source.image().id);
                    for (LayerBlob layer : source.layers()) {
                        held = held.chain(() -> lease.hold(layer.digest()));
                    }
                    return held;
                }));
    }

    private Uni<Void> layers(RegistrySession session, List<LayerBlob> layers, Consumer<ProgressLine> progress) {
        List<LayerBlob> distinct = layers.reversed().stream().distinct().toList();
        distinct.forEach(layer -> progress.accept(ProgressLine.layer("Preparing", Digest.shortened(layer.diffId()))));
        Uni<Void> all = Uni.createFrom().voidItem();
        for (LayerBlob layer : distinct) {
            String id = Digest.shortened(layer.diffId());
            all = all.chain(() -> blob(session, layer.digest(), id, progress));
        }
        return all;
    }

    /** @param id null when nothing is to be said about the blob */
    private Uni<Void> blob(RegistrySession session, String digest, String id, Consumer<ProgressLine> progress) {
        return BlobPush.exists(session, digest).chain(exists -> {
            if (!exists) {
                return BlobPush.begin(session)
                        .chain(upload -> open(digest).chain(file -> send(session, upload, digest, id, file, progress)
                                .onTermination()
                                .invoke(() -> file.close())))
                        .invoke(() -> say("Pushed", id, progress));
            }
            say("Layer already exists", id, progress);
            return Uni.createFrom().voidItem();
        });
    }

    private static Uni<Void> send(
            RegistrySession session,
            URI upload,
            String digest,
            String id,
            AsyncFile file,
            Consumer<ProgressLine> progress) {
        return Uni.createFrom()
                .completionStage(() -> file.size().toCompletionStage())
                .chain(size -> {
                    LongConsumer counter = id == null ? sent -> {} : new Throttle("Pushing", id, size, progress);
                    return BlobPush.send(session, upload, digest, new CountedFile(file, counter), size);
                });
    }

    private static void say(String status, String id, Consumer<ProgressLine> progress) {
        if (id != null) {
            progress.accept(ProgressLine.layer(status, id));
        }
    }

    private Uni<AsyncFile> open(String digest) {
        OpenOptions reading = new OpenOptions().setRead(true).setWrite(false).setCreate(false);
        return Uni.createFrom().completionStage(() -> vertx.fileSystem()
                .open(store.path(digest).toString(), reading)
                .toCompletionStage());
    }

    private Uni<Document> manifest(Source source) {
        return VertxContextSupport.executeBlocking(() -> {
            String kept = source.image().manifestDigest;
            if (kept != null && store.exists(kept)) {
                byte[] content = store.read(kept);
                JsonNode stated = JSON.readTree(content).path("mediaType");
                return new Document(kept, stated.asText(MediaTypes.OCI_MANIFEST), Buffer.buffer(content));
            }
            byte[] made = made(source);
            return new Document(Digest.of(made), MediaTypes.OCI_MANIFEST, Buffer.buffer(made));
        });
    }

    private static byte[] made(Source source) throws JsonProcessingException {
        List<Descriptor> layers = source.layers().stream()
                .map(layer -> new Descriptor(layer.mediaType(), layer.digest(), layer.size()))
                .toList();
        int size = source.image().config.getBytes(StandardCharsets.UTF_8).length;
        Descriptor config = new Descriptor(MediaTypes.OCI_CONFIG, source.image().id, size);
        return JSON.writeValueAsBytes(new Manifest(2, MediaTypes.OCI_MANIFEST, config, layers));
    }

    private Uni<Void> record(Reference tag, ImageEntity image, Document manifest) {
        return sessions.withTransaction(session -> register.refer(session, tag.at(manifest.digest()), image.id)
                .chain(() -> facts.append(session, "push", tag.familiar(), tag.familiarName(), image.labels)));
    }

    private static void announce(Reference tag, Document manifest, Consumer<ProgressLine> progress) {
        int size = manifest.content().length();
        progress.accept(ProgressLine.status(tag.tag() + ": digest: " + manifest.digest() + " size: " + size, null));
        progress.accept(ProgressLine.aux(Map.of("Tag", tag.tag(), "Digest", manifest.digest(), "Size", size)));
    }
}
