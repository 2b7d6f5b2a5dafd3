package dev.gantry.agent.snapshot;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/** Decompression of layers and archives, told by their first bytes: media types are not always true. */
public final class LayerFormat {
    private static final int BUFFER = 128 * 1024;
    /** KiB, what xz(1) -8 needs: a header of a few bytes may ask for 4 GiB, and the agent's heap has 64 MiB. */
    private static final int MOST_MEMORY = 34 * 1024;

    private LayerFormat() {}

    /** @param blob gzip (also of several members), zstd (also of several frames), bzip2, xz, or a plain tar */
    public static InputStream decompress(InputStream blob) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(blob, BUFFER);
        buffered.mark(6);
        byte[] start = buffered.readNBytes(6);
        buffered.reset();
        if (startsWith(start, 0x1f, 0x8b)) {
            return new GZIPInputStream(new HonestStream(buffered), BUFFER);
        }
        // A zstd frame, or a skippable one (RFC 8878, 3.1.2) before it.
        boolean skippable =
                start.length >= 4 && (start[0] & 0xf0) == 0x50 && startsWith(start, start[0], 0x2a, 0x4d, 0x18);
        if (skippable || startsWith(start, 0x28, 0xb5, 0x2f, 0xfd)) {
            return new ZstdInputStreamNoFinalizer(buffered, RecyclingBufferPool.INSTANCE);
        }
        if (startsWith(start, 'B', 'Z', 'h')) {
            return new BZip2CompressorInputStream(buffered, true);
        }
        if (startsWith(start, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            return new XZInputStream(buffered, MOST_MEMORY);
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
