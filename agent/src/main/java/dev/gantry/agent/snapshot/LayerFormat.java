package dev.gantry.agent.snapshot;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Decompression of layers, told by their first bytes: media types are not always true. */
final class LayerFormat {
    private static final int BUFFER = 128 * 1024;

    private LayerFormat() {}

    /** @param blob gzip (also of several members), zstd (also of several frames), or a plain tar */
    static InputStream decompress(InputStream blob) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(blob, BUFFER);
        buffered.mark(4);
        byte[] start = buffered.readNBytes(4);
        buffered.reset();
        if (startsWith(start, 0x1f, 0x8b)) {
            return new GZIPInputStream(new HonestStream(buffered), BUFFER);
        }
        // A zstd frame, or a skippable one (RFC 8878, 3.1.2) before it.
        boolean skippable =
                start.length == 4 && (start[0] & 0xf0) == 0x50 && startsWith(start, start[0], 0x2a, 0x4d, 0x18);
        if (skippable || startsWith(start, 0x28, 0xb5, 0x2f, 0xfd)) {
            return new ZstdInputStreamNoFinalizer(buffered, RecyclingBufferPool.INSTANCE);
        }
        return buffered;
    }

    /**
     * The JDK's decoder looks for a further member only where {@code available} says that there is more. It skips names
     * and comments in a member's header, which others keep in memory however long they are.
     */
    private static final class HonestStream extends FilterInputStream {
        HonestStream(BufferedInputStream in) {
            super(in);
        }

        @Override
        public int available() throws IOException {
            in.mark(1);
            int next = in.read();
            in.reset();
            return next < 0 ? 0 : 1;
        }
    }

    private static boolean startsWith(byte[] start, int... magic) {
        if (start.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if (start[i] != (byte) magic[i]) {
                return false;
            }
        }
        return true;
    }
}
