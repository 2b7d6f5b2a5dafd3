package dev.gantry.image.content;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;

/** How a stream is compressed, told by its first bytes as dockerd does, whatever its media type says. */
public enum Compression {
    NONE {
        @Override
        InputStream decoder(InputStream compressed) {
            return compressed;
        }
    },
    GZIP(0x1f, 0x8b, 0x08) {
        @Override
        InputStream decoder(InputStream compressed) throws IOException {
            return new GZIPInputStream(compressed, BUFFER);
        }
    },
    ZSTD(0x28, 0xb5, 0x2f, 0xfd) {
        @Override
        InputStream decoder(InputStream compressed) throws IOException {
            return new ZstdInputStream(compressed);
        }
    },
    BZIP2(0x42, 0x5a, 0x68) {
        @Override
        InputStream decoder(InputStream compressed) throws IOException {
            return new BZip2CompressorInputStream(compressed, true);
        }
    };

    private static final int BUFFER = 1 << 16;

    private final byte[] magic;

    Compression(int... magic) {
        this.magic = new byte[magic.length];
        for (int i = 0; i < magic.length; i++) {
            this.magic[i] = (byte) magic[i];
        }
    }

    abstract InputStream decoder(InputStream compressed) throws IOException;

    /** @param start at least the first four bytes, when there are as many */
    public static Compression detect(byte[] start) {
        for (Compression candidate : values()) {
            int length = candidate.magic.length;
            if (length > 0 && start.length >= length && Arrays.equals(candidate.magic, Arrays.copyOf(start, length))) {
                return candidate;
            }
        }
        return NONE;
    }

    /** The uncompressed content of a stream. */
    public static InputStream decompress(InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, BUFFER);
        buffered.mark(8);
        byte[] start = buffered.readNBytes(4);
        buffered.reset();
        return detect(start).decoder(buffered);
    }
}
