package dev.gantry.image.store;

import dev.gantry.agent.api.stream.BlockingBody;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.image.Images;
import dev.gantry.image.content.Compression;
import dev.gantry.image.content.ContentCollector;
import dev.gantry.image.content.ContentLeases;
import dev.gantry.image.content.ContentStore;
import dev.gantry.image.content.DigestedInput;
import dev.gantry.image.content.WrittenBehind;
import dev.gantry.image.manifest.ImageConfig;
import dev.gantry.image.manifest.MediaTypes;
import dev.gantry.image.reference.Reference;
import dev.gantry.service.work.Background;
import dev.gantry.tar.ContentSize;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code docker commit}, as far as it is about images.
 *
 * <ol>
 *   <li>The parent's blobs are leased.
 *   <li>The layer is read once: written to staging, digested and measured. It moves into the store under the lease.
 *   <li>The configuration is made and stored; image, name and fact are written in one transaction.
 * </ol>
 *
 * A failure deletes what no image names.
 */
@ApplicationScoped
class CommitImage {
    /** Of a tar without members. */
    private static final String EMPTY = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

    /** For headers: what is skipped between them is read in larger pieces, and not copied on the way. */
    private static final int BUFFER = 1 << 13;

    private final ContentStore store;
    private final ContentLeases leases;
    private final ContentCollector collector;
    private final Mutiny.SessionFactory sessions;
    private final RegisterImage register;
    private final ImageFacts facts;

    CommitImage(
            ContentStore store,
            ContentLeases leases,
            ContentCollector collector,
            Mutiny.SessionFactory sessions,
            RegisterImage register,
            ImageFacts facts) {
        this.store = store;
        this.leases = leases;
        this.collector = collector;
        this.sessions = sessions;
        this.register = register;
        this.facts = facts;
    }

    /** @param layer paused, and not read before */
    Uni<String> commit(Images.Commit wish, ReadStream<Buffer> layer) {
        BlockingBody body = new BlockingBody("the layer", BlockingBody.WIDE);
        body.follow(layer, () -> {});
        return commit(wish, body);
    }

    /** @param layer blocks, and is read on another thread */
    Uni<String> commit(Images.Commit wish, InputStream layer) {
        ContentLeases.Lease lease = leases.open();
        return parent(wish.parent(), lease)
                .chain(parent -> taken(layer, lease).chain(blob -> {
                    CommittedConfig config = new CommittedConfig(wish, parent.config(), Instant.now());
                    List<LayerBlob> layers = new ArrayList<>(parent.layers());
                    if (!blob.digest().equals(EMPTY)) {
                        layers.add(blob);
                    }
                    return stored(config.bytes(layers.size() > parent.layers().size() ? blob.diffId() : null), lease)
                            .chain(made -> registered(wish, new NewImage(made, layers, null, List.of())));
                }))
                .onTermination()
                .call(() -> collector.collect(lease.close()));
    }

    private record Parent(ImageConfig config, List<LayerBlob> layers) {}

    private Uni<Parent> parent(String id, ContentLeases.Lease lease) {
        return sessions.withSession(session -> require(session, id).chain(image -> ImageStore.layers(session, id)
                .map(layers -> new Parent(
                        ImageConfig.parse(image.config),
                        layers.stream().map(ImageLayerEntity::blob).toList()))
                .invoke(parent -> {
                    if (parent.layers().size() >= ImageConfig.MAX_LAYERS) {
                        throw new EngineError.Failed("max depth exceeded");
                    }
                })
                .call(parent -> held(parent.layers(), lease))));
    }

    private static Uni<ImageEntity> require(Mutiny.Session session, String id) {
        return session.find(ImageEntity.class, id).onItem().ifNull().failWith(() -> gone(id));
    }

    private static EngineError gone(String id) {
        return new EngineError.NotFound("No such image: " + id);
    }

    private static Uni<Void> held(List<LayerBlob> layers, ContentLeases.Lease lease) {
        Uni<Void> all = Uni.createFrom().voidItem();
        for (LayerBlob layer : layers) {
            all = all.chain(() -> lease.hold(layer.digest()));
        }
        return all;
    }

    private Uni<LayerBlob> taken(InputStream layer, ContentLeases.Lease lease) {
        Path staged = store.stage();
        return onThread(() -> read(layer, staged))
                .call(blob -> lease.hold(blob.digest()))
                .call(blob -> onThread(() -> {
                    store.commit(staged, blob.digest());
                    return null;
                }))
                .onFailure()
                .call(() -> onThread(() -> {
                    store.discard(staged);
                    return null;
                }));
    }

    private static LayerBlob read(InputStream layer, Path staged) throws IOException {
        try (OutputStream file = new WrittenBehind(staged);
                DigestedInput digested = new DigestedInput(layer, file, read -> {})) {
            long contentSize = ContentSize.of(new BufferedInputStream(digested, BUFFER));
            String digest = digested.digest();
            long size = digested.count();
            return new LayerBlob(digest, digest, MediaTypes.layer(Compression.NONE), size, size, contentSize);
        }
    }

    private Uni<ImageConfig> stored(byte[] config, ContentLeases.Lease lease) {
        ImageConfig parsed = ImageConfig.parse(config);
        return lease.hold(parsed.id())
                .chain(() -> onThread(() -> {
                    store.put(config);
                    return parsed;
                }));
    }

    private Uni<String> registered(Images.Commit wish, NewImage image) {
        return sessions.withTransaction(session -> session.find(
                                ImageEntity.class, wish.parent(), LockModeType.PESSIMISTIC_READ)
                        .onItem()
                        .ifNull()
                        .failWith(() -> gone(wish.parent()))
                        .chain(() -> register.add(session, image))
                        .chain(() -> register.descend(session, image.id(), wish.parent()))
                        .chain(() -> wish.name().isEmpty() ? Uni.createFrom().voidItem() : named(session, wish, image)))
                .replaceWith(image.id());
    }

    private Uni<Void> named(Mutiny.Session session, Images.Commit wish, NewImage image) {
        Reference name = Reference.parse(wish.name()).tagged();
        return register.refer(session, name, image.id())
                .chain(() -> register.tagged(session, image.id()))
                .chain(() -> facts.append(session, "tag", image.id(), name.familiar(), image.labels()));
    }

    private static <T> Uni<T> onThread(Callable<T> work) {
        return Uni.createFrom().deferred(() -> {
            CompletableFuture<T> done = new CompletableFuture<>();
            Thread.ofVirtual().name("image-commit").start(() -> {
                try {
                    done.complete(work.call());
                } catch (IOException e) {
                    done.completeExceptionally(new EngineError.Failed(reason(e)));
                } catch (Exception | Error e) {
                    done.completeExceptionally(e);
                }
            });
            return Background.here(done);
        });
    }

    private static String reason(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("No space left") ? "write image content: no space left on device" : message;
    }
}
