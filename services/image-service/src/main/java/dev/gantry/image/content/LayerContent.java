package dev.gantry.image.content;

import dev.gantry.tar.ContentSize;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
        try (CountedInput counted = new CountedInput(Files.newInputStream(blob));
                DigestedInput plain = new DigestedInput(
                        Compression.decompress(counted),
                        OutputStream.nullOutputStream(),
                        read -> progress.accept(counted.count()))) {
            long contentSize = ContentSize.of(new BufferedInputStream(plain, BUFFER));
            return new LayerContent(plain.digest(), plain.count(), contentSize, compressionOf(blob));
        }
    }

    public static Compression compressionOf(Path blob) throws IOException {
        try (InputStream in = Files.newInputStream(blob)) {
            return Compression.detect(in.readNBytes(4));
        }
    }
}
