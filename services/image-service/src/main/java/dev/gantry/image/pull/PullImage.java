package dev.gantry.image.pull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.Digest;
import dev.gantry.engine.EngineError;
import dev.gantry.image.content.ContentCollector;
import dev.gantry.image.content.ContentLeases;
import dev.gantry.image.manifest.Descriptor;
import dev.gantry.image.manifest.ImageConfig;
import dev.gantry.image.manifest.Manifest;
import dev.gantry.image.manifest.ManifestIndex;
import dev.gantry.image.manifest.MediaTypes;
import dev.gantry.image.manifest.Platform;
import dev.gantry.image.progress.ProgressLine;
import dev.gantry.image.reference.Reference;
import dev.gantry.image.registry.Credentials;
import dev.gantry.image.registry.ManifestFetch;
import dev.gantry.image.registry.ManifestFetch.Fetched;
import dev.gantry.image.registry.RegistryFailure;
import dev.gantry.image.registry.RegistryPing;
import dev.gantry.image.registry.RegistrySession;
import io.smallrye.mutiny.Uni;
import io.vertx.core.file.FileSystemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * {@code docker pull}.
 *
 * <ol>
 *   <li>The registry is asked how it wants to be spoken to.
 *   <li>The manifest is fetched; of an index, the one for the platform.
 *   <li>{@link PullContent} brings configuration and layers into the store, under a lease.
 *   <li>Image, references and fact are written in one transaction.
 * </ol>
 *
 * A failure or a client that hangs up ends the transfers, deletes staging files and every blob that no image names.
 */
@ApplicationScoped
public class PullImage {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Logger LOG = Logger.getLogger(PullImage.class);
    private static final int MAX_INDEXES = 4;

    private final RegistryPing registries;
    private final PullContent content;
    private final ContentLeases leases;
    private final ContentCollector collector;

    PullImage(RegistryPing registries, PullContent content, ContentLeases leases, ContentCollector collector) {
        this.registries = registries;
        this.content = content;
        this.leases = leases;
        this.collector = collector;
    }

    /**
     * What the registry has under a name.
     *
     * @param documents the manifest, after the indexes that led to it
     */
    record Target(List<Fetched> documents, Manifest manifest) {
        String digest() {
            return documents.getFirst().digest();
        }

        Fetched manifestDocument() {
            return documents.getLast();
        }
    }

    /**
     * Pulls one image.
     *
     * @param reference with tag or digest
     * @return whether anything changed
     */
    public Uni<Boolean> pull(
            Reference reference, Platform platform, Credentials credentials, Consumer<ProgressLine> progress) {
        ContentLeases.Lease lease = leases.open();
        Wanted wanted = new Wanted(reference, platform, lease, progress);
        Uni<Boolean> pulled = registries.open(reference, credentials, "pull").chain(session -> pull(session, wanted));
        // What a mirror does not have, or cannot say, the next one may.
        for (URI mirror : registries.mirrors(reference).reversed()) {
            Uni<Boolean> otherwise = pulled;
            pulled = registries
                    .openMirror(mirror, reference)
                    .chain(session -> pull(session, wanted))
                    .onFailure(e -> e instanceof RegistryFailure || e instanceof EngineError)
                    .recoverWithUni(e -> {
                        LOG.infof("%s is not pulled from mirror %s: %s", reference.familiar(), mirror, e.getMessage());
                        return otherwise;
                    });
        }
        return pulled.onItem()
                .invoke(lease::close)
                .onFailure()
                .transform(e -> translated(e, reference))
                .onFailure()
                .call(() -> collector.collect(lease.close()))
                .onCancellation()
                .call(() -> collector.collect(lease.close()));
    }

    /** What is pulled, whichever registry it comes from. */
    private record Wanted(
            Reference reference, Platform platform, ContentLeases.Lease lease, Consumer<ProgressLine> progress) {}

    private Uni<Boolean> pull(RegistrySession session, Wanted wanted) {
        Reference reference = wanted.reference();
        String tagOrDigest = reference.digest() != null ? reference.digest() : reference.tag();
        String shown = reference.digest() != null ? reference.familiar() : reference.tag();
        return resolve(session, tagOrDigest, wanted.platform(), reference, new ArrayList<>())
                .invoke(() -> wanted.progress().accept(ProgressLine.status("Pulling from " + reference.path(), shown)))
                .chain(target -> content.pull(session, reference, target, wanted.lease(), wanted.progress()));
    }

    private Uni<Target> resolve(
            RegistrySession session,
            String tagOrDigest,
            Platform platform,
            Reference reference,
            List<Fetched> documents) {
        return ManifestFetch.fetch(session, tagOrDigest).chain(fetched -> {
            documents.add(fetched);
            if (MediaTypes.isIndex(fetched.mediaType()) && documents.size() <= MAX_INDEXES) {
                Descriptor chosen = parse(() -> JSON.readValue(fetched.content().getBytes(), ManifestIndex.class))
                        .choose(platform)
                        .orElseThrow(() -> new EngineError.NotFound(
                                "no matching manifest for " + platform + " in the manifest list entries"));
                return resolve(session, chosen.digest(), platform, reference, documents);
            }
            if (!MediaTypes.isManifest(fetched.mediaType())) {
                throw new EngineError.BadParameter("unsupported manifest format: " + fetched.mediaType());
            }
            Manifest manifest = parse(() -> JSON.readValue(fetched.content().getBytes(), Manifest.class));
            requireImage(manifest);
            return Uni.createFrom().item(new Target(documents, manifest));
        });
    }

    private static void requireImage(Manifest manifest) {
        if (manifest.config() == null || manifest.layers() == null) {
            throw new EngineError.BadParameter("invalid manifest: config or layers are missing");
        }
        if (manifest.layers().size() > ImageConfig.MAX_LAYERS) {
            throw new EngineError.Failed("failed to register layer: max depth exceeded");
        }
        for (Descriptor blob : manifest.blobs()) {
            if (blob == null || !Digest.isValid(blob.digest())) {
                throw new EngineError.BadParameter("invalid manifest: invalid digest");
            }
        }
        String type = manifest.config().mediaType();
        if (!MediaTypes.OCI_CONFIG.equals(type) && !MediaTypes.DOCKER_CONFIG.equals(type)) {
            throw new EngineError.BadParameter("Encountered remote \"" + type + "\"(unknown) when fetching");
        }
    }

    private static Throwable translated(Throwable e, Reference reference) {
        if (e instanceof RegistryFailure failure) {
            return failure.duringPull(reference);
        }
        if (e instanceof IOException || e instanceof FileSystemException) {
            Throwable cause = e.getCause() instanceof IOException inner ? inner : e;
            String reason = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
            return reason.contains("no space left on device")
                    ? new EngineError.Failed("write image content: no space left on device")
                    : EngineError.Internal.unexpected(e);
        }
        return e;
    }

    private static <T> T parse(Parser<T> parser) {
        try {
            return parser.parse();
        } catch (JsonProcessingException e) {
            throw new EngineError.Failed("error unmarshalling content: not the expected JSON");
        } catch (IOException e) {
            throw EngineError.Internal.unexpected(e);
        }
    }

    @FunctionalInterface
    private interface Parser<T> {
        T parse() throws IOException;
    }
}
