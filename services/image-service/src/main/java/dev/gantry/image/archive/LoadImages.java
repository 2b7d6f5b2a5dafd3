package dev.gantry.image.archive;

import dev.gantry.agent.api.Digest;
import dev.gantry.engine.EngineError;
import dev.gantry.image.archive.ArchiveContents.StagedFile;
import dev.gantry.image.content.Compression;
import dev.gantry.image.content.ContentCollector;
import dev.gantry.image.content.ContentLeases;
import dev.gantry.image.content.ContentStore;
import dev.gantry.image.content.LayerContent;
import dev.gantry.image.manifest.ImageConfig;
import dev.gantry.image.manifest.MediaTypes;
import dev.gantry.image.manifest.Platform;
import dev.gantry.image.progress.ProgressLine;
import dev.gantry.image.progress.Throttle;
import dev.gantry.image.reference.Reference;
import dev.gantry.image.store.ImageFacts;
import dev.gantry.image.store.ImageLayerEntity;
import dev.gantry.image.store.LayerBlob;
import dev.gantry.image.store.NewImage;
import dev.gantry.image.store.ReferenceEntity;
import dev.gantry.image.store.RegisterImage;
import dev.gantry.tar.TarFormatException;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code docker load}: takes in an archive of images. Blocks; runs on a virtual thread.
 *
 * <ol>
 *   <li>The archive is read once, every file into staging.
 *   <li>Each image is checked: the layers must have the diff ids that its configuration says.
 *   <li>Blobs that are new move from staging into the store, under a lease.
 *   <li>Image, references and fact are written in one transaction.
 * </ol>
 *
 * A failure deletes the staging files and the blobs that no image names. Images already loaded from the same archive
 * stay, as with dockerd.
 */
@ApplicationScoped
class LoadImages {
    /** {@code <id>/layer.tar} of old archives, {@code blobs/sha256/<id>} of new ones. */
    private static final Pattern LAYER_NAME = Pattern.compile("(?:.*/)?([0-9a-f]{12})[0-9a-f]{52}(?:/layer\\.tar)?");

    private static final long WORTH_SHOWING = 1 << 20;

    /** dockerd unpacks in a process of its own and tells how that ended. */
    private static final String PROCESSING = "Error processing tar file(exit status 1): ";

    private final ContentStore store;
    private final ContentLeases leases;
    private final ContentCollector collector;
    private final Mutiny.SessionFactory sessions;
    private final RegisterImage register;
    private final ImageFacts facts;

    LoadImages(
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

    /** @param quiet leave out the lines about layers */
    void load(InputStream input, Platform platform, boolean quiet, Consumer<ProgressLine> progress) {
        ContentLeases.Lease lease = leases.open();
        Consumer<ProgressLine> layers = quiet ? line -> {} : progress;
        try (ArchiveContents archive =
                ArchiveContents.read(input, store, (name, size) -> reading(name, size, layers))) {
            for (ArchivedImage image : ArchivedImage.in(archive, platform)) {
                load(archive, image, lease, layers, progress);
            }
        } catch (IOException e) {
            throw new EngineError.Failed(reason(e));
        } finally {
            var unused = lease.close();
            await(() -> collector.collect(unused));
        }
    }

    /**
     * What a file is can be told only when all are read, but one as large as this is a layer. Its own id is not known
     * yet either: the name has one that is as good.
     */
    private static LongConsumer reading(String name, long size, Consumer<ProgressLine> progress) {
        Matcher matcher = LAYER_NAME.matcher(name);
        return size >= WORTH_SHOWING && matcher.matches()
                ? new Throttle("Loading layer", matcher.group(1), size, progress)
                : null;
    }

    /** In dockerd's words where its clients know them. */
    private static String reason(IOException e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof TarFormatException format && !format.isTruncated()) {
            return PROCESSING + "archive/tar: invalid tar header";
        }
        if (e instanceof TarFormatException
                || e instanceof EOFException
                || message.startsWith("Truncated")
                || message.contains("Unexpected EOF")) {
            return PROCESSING + "unexpected EOF";
        }
        if (message.contains("No space left")) {
            return "write image content: no space left on device";
        }
        return message;
    }

    private void load(
            ArchiveContents archive,
            ArchivedImage archived,
            ContentLeases.Lease lease,
            Consumer<ProgressLine> layers,
            Consumer<ProgressLine> progress)
            throws IOException {
        List<Reference> names = names(archived);
        byte[] bytes = archived.config() == null ? null : archive.read(archived.config(), ImageConfig.MAX_SIZE);
        if (bytes == null) {
            throw new EngineError.BadParameter("invalid archive: no such file: " + archived.config());
        }
        ImageConfig config = ImageConfig.parse(bytes);
        NewImage image = new NewImage(config, layers(archive, archived, config, lease, layers), null, List.of());
        await(() -> lease.hold(config.id()));
        store.put(bytes);
        for (String line : await(() -> commit(image, names))) {
            progress.accept(ProgressLine.stream(line + "\n"));
        }
    }

    private static List<Reference> names(ArchivedImage archived) {
        return archived.repoTags() == null
                ? List.of()
                : archived.repoTags().stream()
                        .map(tag -> Reference.parse(tag).tagged())
                        .toList();
    }

    private List<LayerBlob> layers(
            ArchiveContents archive,
            ArchivedImage archived,
            ImageConfig config,
            ContentLeases.Lease lease,
            Consumer<ProgressLine> progress)
            throws IOException {
        List<String> diffIds = config.diffIds();
        int count = archived.layers() == null ? 0 : archived.layers().size();
        if (count != diffIds.size()) {
            throw new EngineError.BadParameter(
                    "invalid manifest, layers length mismatch: expected " + count + ", got " + diffIds.size());
        }
        List<LayerBlob> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            layers.add(layer(archive, archived.layers().get(i), i, diffIds.get(i), lease, progress));
        }
        return layers;
    }

    private LayerBlob layer(
            ArchiveContents archive,
            String name,
            int position,
            String diffId,
            ContentLeases.Lease lease,
            Consumer<ProgressLine> progress)
            throws IOException {
        LayerBlob known = known(diffId, lease);
        if (known != null) {
            return known;
        }
        StagedFile file = archive.file(name);
        if (file == null) {
            throw new EngineError.BadParameter("invalid archive: no such file: " + name);
        }
        if (LayerContent.compressionOf(file.path()) == Compression.BZIP2) {
            // No media type tells it, so agents could not read it.
            file = archive.decompressed(file);
        }
        LayerContent content = content(file);
        if (!content.diffId().equals(diffId)) {
            throw new EngineError.BadParameter("invalid diffID for layer " + position + ": expected \"" + diffId
                    + "\", got \"" + content.diffId() + "\"");
        }
        String digest = file.digest();
        await(() -> lease.hold(digest));
        store.commit(file.path(), digest);
        if (!file.shown()) {
            progress.accept(ProgressLine.layer("Loading layer", Digest.shortened(diffId), file.size(), file.size()));
        }
        return new LayerBlob(
                diffId,
                file.digest(),
                MediaTypes.layer(content.compression()),
                file.size(),
                content.tarSize(),
                content.contentSize());
    }

    private static LayerContent content(StagedFile file) throws IOException {
        return LayerContent.compressionOf(file.path()) == Compression.NONE
                ? new LayerContent(file.digest(), file.size(), file.payload(), Compression.NONE)
                : LayerContent.of(file.path(), read -> {});
    }

    /** The layer as some image has it already; null when none does. */
    private LayerBlob known(String diffId, ContentLeases.Lease lease) {
        LayerBlob blob = await(() -> sessions.withSession(session -> session.createQuery(
                        "from ImageLayerEntity l where l.diffId = :diffId", ImageLayerEntity.class)
                .setParameter("diffId", diffId)
                .setMaxResults(1)
                .getSingleResultOrNull()
                .map(found -> found == null ? null : found.blob())));
        if (blob == null) {
            return null;
        }
        await(() -> lease.hold(blob.digest()));
        return store.exists(blob.digest()) ? blob : null;
    }

    private Uni<List<String>> commit(NewImage image, List<Reference> names) {
        return sessions.withTransaction(session -> register.add(session, image)
                .chain(() -> facts.append(session, "load", image.id(), image.id(), null))
                .chain(() -> refer(session, image.id(), names)));
    }

    private Uni<List<String>> refer(Mutiny.Session session, String imageId, List<Reference> names) {
        if (names.isEmpty()) {
            return Uni.createFrom().item(List.of("Loaded image ID: " + imageId));
        }
        List<String> lines = new ArrayList<>();
        Uni<Void> all = Uni.createFrom().voidItem();
        for (Reference name : names) {
            all = all.chain(() -> session.find(ReferenceEntity.class, name.name()))
                    .invoke(old -> lines.addAll(moved(old, imageId, name)))
                    .chain(() -> register.refer(session, name, imageId))
                    .invoke(() -> lines.add("Loaded image: " + name.familiar()));
        }
        return all.replaceWith(lines);
    }

    private static List<String> moved(ReferenceEntity old, String imageId, Reference name) {
        return old == null || old.imageId.equals(imageId)
                ? List.of()
                : List.of("The image " + name.familiar() + " already exists, renaming the old one with ID "
                        + old.imageId + " to empty string");
    }

    private static <T> T await(Supplier<Uni<T>> work) {
        try {
            return VertxContextSupport.subscribeAndAwait(work);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
