package dev.gantry.agent.snapshot;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.Digest;
import dev.gantry.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Fetches, verifies and unpacks one layer. One thread fetches, checks size and digest, and decompresses; another digests
 * the tar and unpacks it. Both are platform threads: their system calls would hold on to a virtual thread's carrier.
 */
final class LayerUnpacker implements AutoCloseable {
    private final LayerBlobs blobs;
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().name("layer-", 0).daemon().factory());

    LayerUnpacker(LayerBlobs blobs) {
        this.blobs = blobs;
    }

    /**
     * Does all of it.
     *
     * @param directory trusted path of an existing, empty directory; on failure it is left half filled
     * @return bytes of all regular files
     */
    long unpack(ContainerSpec.Layer layer, String directory) throws IOException {
        LayerId diffId = LayerId.parse(layer.diffId());
        LayerId blob = LayerId.parse(layer.digest());
        MessageDigest tar = Digest.begin();
        ChunkPipe pipe = new ChunkPipe(tar);
        Future<?> fetching = threads.submit(() -> fetch(layer, blob, pipe));
        Future<Long> unpacking = threads.submit(() -> {
            try (pipe) {
                long size = extract(pipe, directory);
                diffId.verify(tar, "uncompressed layer " + blob);
                return size;
            }
        });
        try {
            return await(unpacking);
        } catch (IOException e) {
            fetching.cancel(true);
            throw e;
        }
    }

    private void fetch(ContainerSpec.Layer layer, LayerId digest, ChunkPipe pipe) {
        try (InputStream in = blobs.open(layer);
                VerifiedBlob verified = new VerifiedBlob(in, digest, layer.size());
                InputStream plain = LayerFormat.decompress(verified)) {
            if (pipe.fill(plain)) {
                verified.verify();
                pipe.end();
            }
        } catch (IOException e) {
            pipe.fail(e);
        } catch (RuntimeException | Error e) {
            pipe.fail(new IOException("fetching " + digest + ": " + e, e));
        }
    }

    private static long extract(InputStream tar, String directory) throws IOException {
        try (LayerExtraction extraction = new LayerExtraction(directory, new TarReader(tar))) {
            long size = extraction.run();
            // The digest is of all bytes, those after the archive's end too.
            tar.transferTo(OutputStream.nullOutputStream());
            return size;
        }
    }

    private static <T> T await(Future<T> future) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
