package dev.gantry.image.registry;

import dev.gantry.image.content.Digest;
import dev.gantry.image.manifest.Descriptor;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * {@code GET /v2/<name>/blobs/<digest>} into a file, as fast as the disk takes it. Digest and size are verified. When
 * it fails or is cancelled the transfer ends; the file is the caller's to delete.
 */
@ApplicationScoped
public class BlobFetch {
    private final Vertx vertx;

    BlobFetch(Vertx vertx) {
        this.vertx = vertx;
    }

    /**
     * Fetches a blob into a file that does not exist yet.
     *
     * @param progress told how many bytes there are so far
     */
    public Uni<Void> fetch(RegistrySession session, Descriptor blob, Path target, LongConsumer progress) {
        return session.send(HttpMethod.GET, session.url("blobs/" + blob.digest()), Map.of())
                .chain(response -> response.statusCode() >= 400
                        ? SmallBody.read(response).map(SmallBody::orFail).replaceWithVoid()
                        : receive(response, blob, target, progress));
    }

    private Uni<Void> receive(HttpClientResponse response, Descriptor blob, Path target, LongConsumer progress) {
        return Uni.createFrom().emitter(emitter -> {
            Transfer transfer = new Transfer(response, blob, progress);
            Context context = vertx.getOrCreateContext();
            emitter.onTermination(() -> context.runOnContext(ignored -> transfer.stop()));
            vertx.fileSystem()
                    .open(
                            target.toString(),
                            new OpenOptions().setCreateNew(true).setRead(false))
                    .onSuccess(file -> transfer.into(file, emitter::complete, emitter::fail))
                    .onFailure(emitter::fail);
        });
    }

    /** Runs on the context that the response belongs to. */
    private static final class Transfer {
        private final HttpClientResponse response;
        private final Descriptor blob;
        private final LongConsumer progress;
        private final MessageDigest algorithm = Digest.begin();
        private AsyncFile file;
        private long received;
        private boolean stopped;

        private Transfer(HttpClientResponse response, Descriptor blob, LongConsumer progress) {
            this.response = response;
            this.blob = blob;
            this.progress = progress;
        }

        private void into(AsyncFile opened, Consumer<Void> done, Consumer<Throwable> failed) {
            file = opened;
            if (stopped) {
                file.close();
                return;
            }
            Consumer<Throwable> fail = e -> {
                failed.accept(e);
                stop();
            };
            file.exceptionHandler(fail::accept);
            response.exceptionHandler(e -> fail.accept(RegistryFailure.broken("unexpected EOF", e)));
            response.handler(chunk -> take(chunk, fail));
            response.endHandler(end -> finish(done, fail));
            response.resume();
        }

        private void take(Buffer chunk, Consumer<Throwable> fail) {
            received += chunk.length();
            if (received > blob.size()) {
                fail.accept(RegistryFailure.lied("filesystem layer verification failed for digest " + blob.digest()
                        + ": more than the " + blob.size() + " bytes of the manifest"));
                return;
            }
            algorithm.update(chunk.getBytes());
            file.write(chunk).onFailure(fail::accept);
            progress.accept(received);
            if (file.writeQueueFull()) {
                response.pause();
                file.drainHandler(drained -> response.resume());
            }
        }

        private void finish(Consumer<Void> done, Consumer<Throwable> fail) {
            if (stopped) {
                return;
            }
            if (received < blob.size()) {
                fail.accept(RegistryFailure.broken(
                        "unexpected EOF: " + received + " of " + blob.size() + " bytes of " + blob.digest(), null));
                return;
            }
            if (!Digest.finish(algorithm).equals(blob.digest())) {
                fail.accept(RegistryFailure.lied("filesystem layer verification failed for digest " + blob.digest()));
                return;
            }
            stopped = true;
            file.close().onSuccess(done::accept).onFailure(fail::accept);
        }

        private void stop() {
            if (stopped) {
                return;
            }
            stopped = true;
            response.request().reset();
            if (file != null) {
                file.close();
            }
        }
    }
}
