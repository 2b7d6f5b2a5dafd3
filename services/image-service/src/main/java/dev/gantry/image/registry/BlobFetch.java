package dev.gantry.image.registry;

import dev.gantry.agent.api.Digest;
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
            Transfer transfer = new Transfer(response, blob, progress, emitter::complete, emitter::fail);
            Context context = vertx.getOrCreateContext();
            emitter.onTermination(() -> context.runOnContext(ignored -> transfer.stop()));
            // Before the file is open: a connection that breaks meanwhile would tell nobody.
            response.exceptionHandler(transfer::broken);
            vertx.fileSystem()
                    .open(
                            target.toString(),
                            new OpenOptions().setCreateNew(true).setRead(false))
                    .onSuccess(file -> {
                        transfer.into(file);
                        if (transfer.stopped) {
                            // The caller may have deleted it before it was there.
                            vertx.fileSystem().delete(target.toString());
                        }
                    })
                    .onFailure(transfer::fail);
        });
    }

    /** Runs on the context that the response belongs to. */
    private static final class Transfer {
        private final HttpClientResponse response;
        private final Descriptor blob;
        private final LongConsumer progress;
        private final Consumer<Void> done;
        private final Consumer<Throwable> failed;
        private final MessageDigest algorithm = Digest.begin();
        private AsyncFile file;
        private RegistryFailure broken;
        private long received;
        private boolean stopped;

        private Transfer(
                HttpClientResponse response,
                Descriptor blob,
                LongConsumer progress,
                Consumer<Void> done,
                Consumer<Throwable> failed) {
            this.response = response;
            this.blob = blob;
            this.progress = progress;
            this.done = done;
            this.failed = failed;
        }

        private void into(AsyncFile opened) {
            file = opened;
            if (stopped) {
                file.close();
                return;
            }
            if (broken != null) {
                fail(broken);
                return;
            }
            file.exceptionHandler(this::fail);
            response.handler(this::take);
            response.endHandler(end -> finish());
            response.resume();
        }

        private void broken(Throwable e) {
            broken = RegistryFailure.broken("unexpected EOF", e);
            if (file != null) {
                fail(broken);
            }
        }

        private void fail(Throwable e) {
            failed.accept(e);
            stop();
        }

        private void take(Buffer chunk) {
            received += chunk.length();
            if (received > blob.size()) {
                fail(RegistryFailure.lied("filesystem layer verification failed for digest " + blob.digest()
                        + ": more than the " + blob.size() + " bytes of the manifest"));
                return;
            }
            algorithm.update(chunk.getBytes());
            file.write(chunk).onFailure(this::fail);
            progress.accept(received);
            if (file.writeQueueFull()) {
                response.pause();
                file.drainHandler(drained -> response.resume());
            }
        }

        private void finish() {
            if (stopped) {
                return;
            }
            if (received < blob.size()) {
                fail(RegistryFailure.broken(
                        "unexpected EOF: " + received + " of " + blob.size() + " bytes of " + blob.digest(), null));
                return;
            }
            if (!Digest.finish(algorithm).equals(blob.digest())) {
                fail(RegistryFailure.lied("filesystem layer verification failed for digest " + blob.digest()));
                return;
            }
            stopped = true;
            file.close().onSuccess(done::accept).onFailure(this::fail);
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
