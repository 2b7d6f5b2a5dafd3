package dev.gantry.image.pull;

import dev.gantry.agent.api.Digest;
import dev.gantry.engine.EngineError;
import dev.gantry.image.content.ContentLeases;
import dev.gantry.image.content.ContentStore;
import dev.gantry.image.manifest.Descriptor;
import dev.gantry.image.manifest.ImageConfig;
import dev.gantry.image.progress.ProgressLine;
import dev.gantry.image.pull.PullImage.Target;
import dev.gantry.image.reference.Reference;
import dev.gantry.image.registry.BlobFetch;
import dev.gantry.image.registry.ManifestFetch.Fetched;
import dev.gantry.image.registry.RegistrySession;
import dev.gantry.image.store.ImageEntity;
import dev.gantry.image.store.ImageFacts;
import dev.gantry.image.store.ImageLayerEntity;
import dev.gantry.image.store.ImageStore;
import dev.gantry.image.store.LayerBlob;
import dev.gantry.image.store.NewImage;
import dev.gantry.image.store.ReferenceEntity;
import dev.gantry.image.store.RegisterImage;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.vertx.MutinyHelper;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.hibernate.reactive.mutiny.Mutiny;

/** Brings what a manifest names into the store, three layers at a time, and makes the image known. */
@ApplicationScoped
class PullContent {
    private static final int PARALLEL = 3;

    private final ContentStore store;
    private final BlobFetch blobs;
    private final PullLayer layers;
    private final LayerDownloads downloads;
    private final Mutiny.SessionFactory sessions;
    private final RegisterImage register;
    private final ImageFacts facts;

    PullContent(
            ContentStore store,
            BlobFetch blobs,
            PullLayer layers,
            LayerDownloads downloads,
            Mutiny.SessionFactory sessions,
            RegisterImage register,
            ImageFacts facts) {
        this.store = store;
        this.blobs = blobs;
        this.layers = layers;
        this.downloads = downloads;
        this.sessions = sessions;
        this.register = register;
        this.facts = facts;
    }

    /** @return whether anything changed */
    Uni<Boolean> pull(
            RegistrySession session,
            Reference reference,
            Target target,
            ContentLeases.Lease lease,
            Consumer<ProgressLine> progress) {
        return holdAll(target, lease)
                .chain(() -> image(session, target, lease, progress))
                .chain(image -> sessions.withTransaction(transaction -> commit(transaction, image, reference, target)))
                .invoke(() -> progress.accept(ProgressLine.status("Digest: " + target.digest(), null)));
    }

    private static Uni<Void> holdAll(Target target, ContentLeases.Lease lease) {
        Uni<Void> held = lease.hold(target.manifest().config().digest());
        for (Fetched document : target.documents()) {
            held = held.chain(() -> lease.hold(document.digest()));
        }
        for (Descriptor layer : target.manifest().layers()) {
            held = held.chain(() -> lease.hold(layer.digest()));
        }
        return held;
    }

    private Uni<NewImage> image(
            RegistrySession session, Target target, ContentLeases.Lease lease, Consumer<ProgressLine> progress) {
        return known(target.manifest().config().digest(), lease).chain(known -> {
            if (known != null) {
                return keepDocuments(target).replaceWith(known.with(documents(target)));
            }
            return config(session, target.manifest().config())
                    .chain(config -> layers(session, target, config, lease, progress)
                            .map(found -> assembled(config, found, target)))
                    .call(() -> keepDocuments(target));
        });
    }

    /** The image when it is here already, which its configuration's digest tells before anything is downloaded. */
    private Uni<NewImage> known(String id, ContentLeases.Lease lease) {
        return sessions.withSession(session -> session.find(ImageEntity.class, id)
                        .chain(image -> image == null
                                ? Uni.createFrom().<NewImage>nullItem()
                                : ImageStore.layers(session, id).map(found -> known(image, found))))
                .chain(image -> image == null
                        ? Uni.createFrom().nullItem()
                        : usable(image.layers(), lease)
                                .map(usable -> usable.size() == image.layers().size() ? image : null));
    }

    private static NewImage known(ImageEntity image, List<ImageLayerEntity> layers) {
        return new NewImage(
                ImageConfig.parse(image.config),
                layers.stream().map(ImageLayerEntity::blob).toList(),
                image.manifestDigest,
                List.of());
    }

    /** Those of the layers whose blobs are there, and will be until the lease is closed. */
    private Uni<List<LayerBlob>> usable(List<LayerBlob> layers, ContentLeases.Lease lease) {
        Uni<Void> held = Uni.createFrom().voidItem();
        for (LayerBlob layer : layers) {
            held = held.chain(() -> lease.hold(layer.digest()));
        }
        return held.chain(() -> VertxContextSupport.executeBlocking(() ->
                layers.stream().filter(layer -> store.exists(layer.digest())).toList()));
    }

    private Uni<ImageConfig> config(RegistrySession session, Descriptor descriptor) {
        if (descriptor.size() > ImageConfig.MAX_SIZE) {
            throw new EngineError.BadParameter("image configuration is too large: " + descriptor.size() + " bytes");
        }
        Path staged = store.stage();
        return blobs.fetch(session, descriptor, staged, received -> {})
                .chain(() -> VertxContextSupport.executeBlocking(() -> {
                    ImageConfig config = ImageConfig.parse(Files.readAllBytes(staged));
                    store.commit(staged, descriptor.digest());
                    return config;
                }))
                .onTermination()
                .call(() -> VertxContextSupport.executeBlocking(() -> {
                    store.discard(staged);
                    return null;
                }));
    }

    private Uni<List<LayerBlob>> layers(
            RegistrySession session,
            Target target,
            ImageConfig config,
            ContentLeases.Lease lease,
            Consumer<ProgressLine> progress) {
        List<Descriptor> wanted = target.manifest().layers();
        List<String> diffIds = config.diffIds();
        if (wanted.size() != diffIds.size()) {
            throw new EngineError.Failed("layers from manifest don't match image configuration");
        }
        return present(diffIds, lease).chain(present -> {
            announce(wanted, diffIds, present, progress);
            Executor context = MutinyHelper.executor(Vertx.currentContext());
            return Multi.createFrom()
                    .items(IntStream.range(0, wanted.size()).boxed())
                    .onItem()
                    .transformToUni(i -> layer(session, wanted.get(i), diffIds.get(i), present, progress)
                            .map(blob -> Map.entry(i, blob)))
                    .merge(PARALLEL)
                    .collect()
                    .asMap(Map.Entry::getKey, Map.Entry::getValue)
                    .map(found -> IntStream.range(0, wanted.size())
                            .mapToObj(found::get)
                            .toList())
                    .emitOn(context);
        });
    }

    private static void announce(
            List<Descriptor> wanted,
            List<String> diffIds,
            Map<String, LayerBlob> present,
            Consumer<ProgressLine> progress) {
        for (int i = 0; i < wanted.size(); i++) {
            String status = present.containsKey(diffIds.get(i)) ? "Already exists" : "Pulling fs layer";
            progress.accept(
                    ProgressLine.layer(status, Digest.shortened(wanted.get(i).digest())));
        }
        for (int i = PARALLEL; i < wanted.size(); i++) {
            if (!present.containsKey(diffIds.get(i))) {
                progress.accept(ProgressLine.layer(
                        "Waiting", Digest.shortened(wanted.get(i).digest())));
            }
        }
    }

    private Uni<LayerBlob> layer(
            RegistrySession session,
            Descriptor wanted,
            String diffId,
            Map<String, LayerBlob> present,
            Consumer<ProgressLine> progress) {
        LayerBlob here = present.get(diffId);
        if (here != null) {
            return Uni.createFrom().item(here);
        }
        return downloads
                .join(
                        session.url("blobs/" + wanted.digest()).toString(),
                        progress,
                        shared -> layers.pull(session, wanted, shared))
                .invoke(blob -> {
                    if (!blob.diffId().equals(diffId)) {
                        throw new EngineError.Failed("layers from manifest don't match image configuration");
                    }
                    progress.accept(ProgressLine.layer("Pull complete", Digest.shortened(wanted.digest())));
                });
    }

    /** Layers that some image has already, by diff id. */
    private Uni<Map<String, LayerBlob>> present(List<String> diffIds, ContentLeases.Lease lease) {
        return sessions.withSession(session -> session.createQuery(
                                "from ImageLayerEntity l where l.diffId in :diffIds", ImageLayerEntity.class)
                        .setParameter("diffIds", diffIds)
                        .getResultList())
                .chain(found -> usable(
                        found.stream().map(ImageLayerEntity::blob).distinct().toList(), lease))
                .map(usable -> {
                    Map<String, LayerBlob> present = new HashMap<>();
                    usable.forEach(layer -> present.put(layer.diffId(), layer));
                    return present;
                });
    }

    private static NewImage assembled(ImageConfig config, List<LayerBlob> layers, Target target) {
        List<String> digests =
                target.manifest().layers().stream().map(Descriptor::digest).toList();
        boolean same = layers.stream().map(LayerBlob::digest).toList().equals(digests);
        return new NewImage(config, layers, same ? target.manifestDocument().digest() : null, documents(target));
    }

    private static List<String> documents(Target target) {
        return target.documents().stream().map(Fetched::digest).toList();
    }

    private Uni<Void> keepDocuments(Target target) {
        return VertxContextSupport.executeBlocking(() -> {
            for (Fetched document : target.documents()) {
                store.put(document.content().getBytes());
            }
            return null;
        });
    }

    /** True when the name did not lead to this image before. */
    private Uni<Boolean> commit(Mutiny.Session session, NewImage image, Reference reference, Target target) {
        return session.find(ReferenceEntity.class, reference.name())
                .map(before -> before == null || !before.imageId.equals(image.id()))
                .call(() -> register.add(session, image))
                .call(() -> register.refer(session, reference, image.id()))
                .call(() -> register.refer(session, reference.at(target.digest()), image.id()))
                .call(() ->
                        facts.append(session, "pull", reference.familiar(), reference.familiarName(), image.labels()));
    }
}
