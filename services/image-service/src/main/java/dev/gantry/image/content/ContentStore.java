package dev.gantry.image.content;

import dev.gantry.agent.api.Digest;
import dev.gantry.agent.api.file.OwnerOnly;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Blobs by digest on the local disk; this class alone knows the layout:
 *
 * <pre>
 * content/blobs/sha256/&lt;hex&gt;   complete, verified, never changed
 * content/staging/&lt;uuid&gt;       being written; deleted when the service starts
 * </pre>
 *
 * A blob appears by rename after its bytes are on the disk, so a crash leaves either all of it or only a staging file.
 * Methods block on the disk: call them on worker or virtual threads.
 */
@ApplicationScoped
public class ContentStore {
    private final Path root;
    private final Path blobs;
    private final Path staging;

    public ContentStore(@ConfigProperty(name = "gantry.data-dir") Path dataDirectory) {
        this.root = dataDirectory.resolve("content");
        this.blobs = root.resolve("blobs/sha256");
        this.staging = root.resolve("staging");
    }

    @PostConstruct
    void open() {
        try {
            for (Path directory : List.of(root, blobs, staging)) {
                OwnerOnly.directory(directory);
            }
            try (Stream<Path> leftovers = Files.list(staging)) {
                for (Path leftover : leftovers.toList()) {
                    Files.delete(leftover);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("content store cannot be opened: " + e.getMessage(), e);
        }
    }

    /** Where the blob is, whether or not it exists. */
    public Path path(String digest) {
        if (!Digest.isValid(digest)) {
            throw new IllegalArgumentException("not a digest: " + digest);
        }
        return blobs.resolve(Digest.hex(digest));
    }

    public boolean exists(String digest) {
        return Files.exists(path(digest));
    }

    /** A path of its own to write to; the caller commits or discards it. */
    public Path stage() {
        return staging.resolve(UUID.randomUUID().toString());
    }

    public void discard(Path staged) {
        try {
            Files.deleteIfExists(staged);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a staged file the blob of that digest, which the caller has verified. Idempotent for equal content. */
    public void commit(Path staged, String digest) throws IOException {
        Path target = path(digest);
        if (Files.exists(target)) {
            Files.delete(staged);
            return;
        }
        sync(staged, StandardOpenOption.WRITE);
        Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE);
        sync(blobs, StandardOpenOption.READ);
    }

    /** Stores a small blob and returns its digest. */
    public String put(byte[] content) throws IOException {
        String digest = Digest.of(content);
        if (!exists(digest)) {
            Path staged = stage();
            try {
                Files.write(staged, content);
                commit(staged, digest);
            } finally {
                Files.deleteIfExists(staged);
            }
        }
        return digest;
    }

    /** Reads a blob that is known to be small, such as a manifest. */
    public byte[] read(String digest) throws IOException {
        return Files.readAllBytes(path(digest));
    }

    /** Deletes a blob; readers that have it open read on. */
    void delete(String digest) throws IOException {
        Files.deleteIfExists(path(digest));
    }

    /** Digests of all blobs. */
    List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(blobs)) {
            return files.map(file -> "sha256:" + file.getFileName())
                    .filter(Digest::isValid)
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private static void sync(Path path, StandardOpenOption mode) throws IOException {
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }
}
