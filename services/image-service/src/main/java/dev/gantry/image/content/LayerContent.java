package dev.gantry.image.content;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/**
 * What a layer's blob holds once uncompressed.
 *
 * @param diffId digest of the uncompressed tar
 * @param tarSize bytes of it
 * @param contentSize bytes of the files in it
 */
public record LayerContent(String diffId, long tarSize, long contentSize, Compression compression) {
    private static final int BUFFER = 1 << 17;

    /**
     * Reads the whole blob; blocks.
     *
     * @param progress told now and then how many compressed bytes were read; may throw to end it
     */
    public static LayerContent of(Path blob, LongConsumer progress) throws IOException {
        MessageDigest algorithm = Digest.begin();
        TarPayload payload = new TarPayload();
        long size = 0;
        try (CountedInput counted = new CountedInput(Files.newInputStream(blob));
                InputStream plain = Compression.decompress(counted)) {
            byte[] buffer = new byte[BUFFER];
            for (int n = plain.read(buffer); n >= 0; n = plain.read(buffer)) {
                algorithm.update(buffer, 0, n);
                payload.accept(buffer, n);
                size += n;
                progress.accept(counted.count());
            }
        }
        return new LayerContent(Digest.finish(algorithm), size, payload.size(), compressionOf(blob));
    }

    public static Compression compressionOf(Path blob) throws IOException {
        try (InputStream in = Files.newInputStream(blob)) {
            return Compression.detect(in.readNBytes(4));
        }
    }
}
