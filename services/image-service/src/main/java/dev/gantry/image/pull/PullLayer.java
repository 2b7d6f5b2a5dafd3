package dev.gantry.image.pull;

import dev.gantry.agent.api.Digest;
import dev.gantry.image.content.ContentStore;
import dev.gantry.image.content.LayerContent;
import dev.gantry.image.manifest.Descriptor;
import dev.gantry.image.manifest.MediaTypes;
import dev.gantry.image.progress.ProgressLine;
import dev.gantry.image.progress.Throttle;
import dev.gantry.image.registry.BlobFetch;
import dev.gantry.image.registry.RegistryFailure;
import dev.gantry.image.registry.RegistrySession;
import dev.gantry.image.store.LayerBlob;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Brings one layer into the content store: downloads it into staging, verifies it, uncompresses it once to learn its
 * diff id and sizes, moves it into place. Whatever happens, the staging file is gone afterwards.
 */
@ApplicationScoped
class PullLayer {
    private static final int ATTEMPTS = 3;

    private final ContentStore store;
    private final BlobFetch blobs;

    PullLayer(ContentStore store, BlobFetch blobs) {
        this.store = store;
        this.blobs = blobs;
    }

    Uni<LayerBlob> pull(RegistrySession session, Descriptor layer, Consumer<ProgressLine> progress) {
        Path staged = store.stage();
        AtomicBoolean ended = new AtomicBoolean();
        return download(session, layer, staged, progress, 1)
                .chain(() -> VertxContextSupport.executeBlocking(() -> keep(layer, staged, ended, progress)))
                .onTermination()
                .invoke(() -> ended.set(true))
                .onTermination()
                .call(() -> discard(staged));
    }

    private Uni<Void> download(
            RegistrySession session, Descriptor layer, Path staged, Consumer<ProgressLine> progress, int attempt) {
        String id = Digest.shortened(layer.digest());
        return blobs.fetch(session, layer, staged, new Throttle("Downloading", id, layer.size(), progress))
                .invoke(() -> {
                    progress.accept(ProgressLine.layer("Verifying Checksum", id));
                    progress.accept(ProgressLine.layer("Download complete", id));
                })
                .onFailure(e -> attempt < ATTEMPTS && e instanceof RegistryFailure failure && failure.isTemporary())
                .recoverWithUni(() -> {
                    String wait = "Retrying in " + attempt + (attempt == 1 ? " second" : " seconds");
                    progress.accept(ProgressLine.layer(wait, id));
                    return discard(staged)
                            .onItem()
                            .delayIt()
                            .by(Duration.ofSeconds(attempt))
                            .chain(() -> download(session, layer, staged, progress, attempt + 1));
                });
    }

    /** Blocks. */
    private LayerBlob keep(Descriptor layer, Path staged, AtomicBoolean ended, Consumer<ProgressLine> progress)
            throws IOException {
        String id = Digest.shortened(layer.digest());
        Throttle extracting = new Throttle("Extracting", id, layer.size(), progress);
        LayerContent content = LayerContent.of(staged, read -> {
            if (ended.get()) {
                throw new CancellationException();
            }
            extracting.accept(read);
        });
        store.commit(staged, layer.digest());
        return new LayerBlob(
                content.diffId(),
                layer.digest(),
                // As it is, not as the manifest says: agents choose the decoder by it.
                MediaTypes.layer(content.compression()),
                layer.size(),
                content.tarSize(),
                content.contentSize());
    }

    private Uni<Void> discard(Path staged) {
        return VertxContextSupport.executeBlocking(() -> {
            store.discard(staged);
            return null;
        });
    }
}
